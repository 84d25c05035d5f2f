import assert from "node:assert/strict";
import { appSyncSchema, pushSchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";
import { syncSchema } from "../responses.js";
import { projectIn, syncedProject, syncOnce } from "../synced-scene.js";

const ADA = { name: "Ada Lovelace", email: "ada@example.com" };
const GRACE = { name: "Grace Hopper", email: "grace@example.com" };
const TRAILER = /\nCo-authored-by: Grace Hopper <grace@example\.com>\n/;

/** The author and the co-authors of commits. */
export const commitPeopleCases = [
  contractCase("POST /sync/project commits with the given author, and with the account as committer", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const sync = await syncOnce(user, repository, { author: ADA, co_authors: [GRACE] });
    assert.equal(sync.status, "completed");
    assert.notEqual(sync.writer, "graphql", "GitHub does not let it set an author");
    const [commit] = await repository.log();
    assert.deepEqual([commit?.author.name, commit?.author.email], [ADA.name, ADA.email]);
    assert.notEqual(commit?.committer.email, ADA.email);
    assert.match(commit?.message ?? "", TRAILER);
  }),

  contractCase("POST /sync/manual-trigger names co-authors in the message with any writer", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const body = { ...projectIn(repository), co_authors: [GRACE], commit_message: "Grow the network" };
    assert.equal((await user.post("/sync/manual-trigger", body)).ok(syncSchema).writer, "graphql");
    const [commit] = await repository.log();
    assert.match(commit?.message ?? "", /^Grow the network\n\nCo-authored-by: Grace Hopper/);
    assert.match(commit?.message ?? "", TRAILER);
  }),

  contractCase("POST /repositories/push and /repositories/sync commit with the given author", async (scene) => {
    const { owner, repository, installation } = await scene.installation();
    const [repo_owner, repo_name] = repository.fullName.split("/");
    const body = (content: string) => ({
      installation_id: installation.id,
      repo_owner,
      repo_name,
      commit_message: "Write",
      files: { "a.tf": content },
      author: ADA,
      co_authors: [GRACE],
    });
    (await owner.post("/repositories/push", body("one\n"))).ok(pushSchema);
    const [pushed] = await repository.log();
    (await owner.post("/repositories/sync", body("two\n"))).ok(appSyncSchema);
    const [synced] = await repository.log();
    assert.notEqual(pushed?.oid, synced?.oid);
    for (const commit of [pushed, synced]) {
      assert.deepEqual([commit?.author.name, commit?.author.email], [ADA.name, ADA.email]);
      assert.notEqual(commit?.committer.email, ADA.email);
      assert.match(commit?.message ?? "", TRAILER);
    }
  }),

  contractCase("every endpoint that commits returns 422 for people that git cannot name", async (scene) => {
    const { owner, repository, installation } = await scene.installation();
    const [repo_owner, repo_name] = repository.fullName.split("/");
    const push = { installation_id: installation.id, repo_owner, repo_name, commit_message: "m", files: { a: "a" } };
    const wrong = [
      { name: "", email: "a@b" },
      { name: "a\nb", email: "a@b" },
      { name: "<a>", email: "a@b" },
      { name: "x".repeat(201), email: "a@b" },
      { name: "Ada", email: "a b@c" },
      { name: "Ada", email: `${"a".repeat(254)}@b` },
      { name: "Ada" },
      "Ada",
    ];
    for (const person of wrong) {
      (await owner.post("/repositories/push", { ...push, author: person })).refuses("author");
      (await owner.post("/repositories/sync", { ...push, co_authors: [person] })).refuses("co_authors");
    }
    const many = Array.from({ length: 51 }, () => GRACE);
    (await owner.post("/repositories/push", { ...push, co_authors: many })).refuses("co_authors");
  }),
];
