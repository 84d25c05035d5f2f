import { commitOnBranch, repositoryId, updateRef } from "../mutations.js";
import { withClone } from "../repositories.js";
import type { Step } from "../step.js";
import type { Target } from "../target.js";

const RULES = ["pull_request", "required_signatures", "non_fast_forward"];

/** Writes to branches that rulesets and classic protection restrict, with each API. */
export const rules: Step = {
  number: 6,
  title: "rules and protection",
  run: async (target) => {
    const head = await target.head("main");
    for (const rule of RULES) {
      const branch = `rule-${rule}`;
      await target.branch(branch, head);
      await target.service.setRules(target, branch, [rule]);
      try {
        await target.rest(`${rule}: rules`, "GET", `${target.at}/rules/branches/${branch}`);
        const status = await writeBy(target, rule, branch, head);
        target.settle(`Status of PATCH against the rule ${rule}`, String(status));
      } finally {
        await target.service.setRules(target, branch, []);
      }
    }
    await target.branch("protected", head);
    await target.service.protect(target, "protected", true);
    try {
      await target.rest("protection", "GET", `${target.at}/branches/protected/protection`);
      await writeBy(target, "protection", "protected", head);
    } finally {
      await target.service.protect(target, "protected", false);
    }
  },
};

/** Tries to write to a branch with each API. Returns the status of PATCH. */
async function writeBy(target: Target, rule: string, branch: string, head: string): Promise<number> {
  const file = { path: `${rule}.txt`, mode: "100644", type: "blob", content: rule };
  const next = await target.commit(`${rule}: next`, await target.tree(`${rule}: tree`, [file], head), [head]);
  const aside = await target.commit(`${rule}: aside`, await target.tree(`${rule}: tree aside`, [file]), []);
  // A rule against force pushes allows everything else: only a commit beside the branch shows it.
  const commit = rule === "non_fast_forward" ? aside : next;
  const id = await repositoryId(target);
  const update = { name: `refs/heads/${branch}`, beforeOid: head, afterOid: commit, force: true };
  await updateRef(target, `${rule}: updateRefs`, id, update);
  const patched = await target.rest(`${rule}: PATCH`, "PATCH", `${target.at}/git/refs/heads/${branch}`, {
    sha: commit,
    force: true,
  });
  await target.rest(`${rule}: contents`, "PUT", `${target.at}/contents/${rule}-contents.txt`, {
    message: rule,
    branch,
    content: Buffer.from(rule).toString("base64"),
  });
  const present = await target.head(branch);
  await commitOnBranch(target, `${rule}: createCommitOnBranch`, branch, present, `${rule}-graphql.txt`, rule);
  await withClone(target, `${target.service.owner}/${target.repository}`, async (folder) => {
    await target.git(`${rule}: fetch`, ["fetch", "origin", commit], folder);
    await target.git(`${rule}: push`, ["push", "--force", "origin", `${commit}:refs/heads/${branch}`], folder);
  });
  await target.rest(`${rule}: delete`, "DELETE", `${target.at}/git/refs/heads/${branch}`);
  return patched.status;
}
