import { z } from "zod";
import { commitOnBranch, repositoryId, updateRef } from "../mutations.js";
import { withClone } from "../repositories.js";
import type { Step } from "../step.js";

const ABSENT = "0".repeat(40);
const errorsSchema = z.object({ errors: z.array(z.object({ type: z.string().optional() })).min(1) });

/** Updates a branch from a head that it no longer has, with each API. */
export const compareAndSwap: Step = {
  number: 3,
  title: "compare-and-swap",
  run: async (target) => {
    const old = await target.head("main");
    const tree = await target.tree("tree", [{ path: "swap.txt", mode: "100644", type: "blob", content: "one" }], old);
    const first = await target.commit("first", tree, [old]);
    const second = await target.commit("second", tree, [first]);
    const sideways = await target.commit("sideways", tree, [old]);
    await target.branch("swap", first);
    const stale = await commitOnBranch(target, "createCommitOnBranch with an old head", "swap", old, "b.txt", "two");
    target.settle(
      "Type of createCommitOnBranch with an old head",
      errorsSchema.safeParse(stale.body).data?.errors[0]?.type ?? "none",
    );
    const id = await repositoryId(target);
    const ref = "refs/heads/swap";
    await updateRef(target, "updateRefs with a wrong beforeOid", id, { name: ref, beforeOid: old, afterOid: second });
    await updateRef(target, "updateRefs as if absent", id, { name: ref, beforeOid: ABSENT, afterOid: second });
    await updateRef(target, "updateRefs with the present beforeOid", id, {
      name: ref,
      beforeOid: first,
      afterOid: second,
    });
    await updateRef(target, "updateRefs that creates", id, {
      name: "refs/heads/swap-new",
      beforeOid: ABSENT,
      afterOid: first,
    });
    await updateRef(target, "updateRefs without beforeOid, not a fast-forward", id, { name: ref, afterOid: sideways });
    const path = `${target.at}/git/refs/heads/swap`;
    await target.rest("PATCH without fast-forward", "PATCH", path, { sha: sideways, force: false });
    await target.rest("PATCH of a missing branch", "PATCH", `${target.at}/git/refs/heads/missing`, { sha: first });
    await target.rest("POST of a present branch", "POST", `${target.at}/git/refs`, { ref, sha: first });
    await target.rest("POST of a commit that does not exist", "POST", `${target.at}/git/refs`, {
      ref: "refs/heads/nothing",
      sha: "1".repeat(40),
    });
    await withClone(target, `${target.service.owner}/${target.repository}`, async (folder) => {
      await target.git("fetch a commit that no branch has", ["fetch", "origin", sideways], folder);
      const lease = `--force-with-lease=refs/heads/swap:${first}`;
      await target.git("push with a stale lease", ["push", lease, "origin", `${sideways}:refs/heads/swap`], folder);
      await target.git("push without fast-forward", ["push", "origin", `${sideways}:refs/heads/swap`], folder);
    });
  },
};
