import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { planSchema, syncSchema } from "../responses.js";
import { projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

const lines = (first: string, last: string): string => [first, "2", "3", "4", "5", last, ""].join("\n");

/** `POST /sync/revert`. */
export const syncRevertCases = [
  contractCase("POST /sync/revert takes a sync back by a new one, and keeps a later edit", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": lines("1", "6"), "gone.tf": "x\n" });
    await user.write({ "a.tf": lines("mine", "6"), "new.tf": "n\n", "gone.tf": null });
    const wanted = await syncOnce(user, repository);
    await repository.commit({ files: { "a.tf": lines("mine", "later") } });
    const body = { sync_record_id: Number(wanted.sync_id) };
    const reverted = (await user.post("/sync/revert", body)).ok(syncSchema);
    assert.notEqual(reverted.sync_id, wanted.sync_id);
    assert.deepEqual(
      [reverted.status, reverted.error_code, reverted.direction, reverted.files_synced, reverted.files_deleted],
      ["completed", null, "push", 2, 1],
    );
    assert.equal(reverted.commit_sha, await repository.head());
    const { "README.md": _readme, ...files } = await textFiles(repository);
    assert.deepEqual(files, { "a.tf": lines("1", "later"), "gone.tf": "x\n" });
    // The project is behind: a push keeps the branch's versions, and a two-way sync brings them.
    const plan = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
    assert.deepEqual([plan.changes, plan.conflicts], [[], []]);
    const pushed = await syncOnce(user, repository);
    assert.deepEqual([pushed.status, pushed.files_synced, pushed.files_deleted], ["completed", 0, 0]);
    const both = await syncOnce(user, repository, { direction: "two_way" });
    assert.deepEqual([both.status, both.files_synced, both.files_deleted, both.files_removed], ["completed", 0, 0, 1]);
    const rest = (await user.post("/sync/plan", { ...projectIn(repository), direction: "two_way" })).ok(planSchema);
    assert.deepEqual([rest.changes, rest.project_changes], [[], []]);
  }),

  contractCase(
    "POST /sync/revert fails with conflicts, and writes nothing, when later edits overlap",
    async (scene) => {
      const { user, repository } = await syncedProject(scene, { "a.tf": "1\n", "b.tf": "1\n" });
      await user.write({ "a.tf": "2\n", "b.tf": "2\n" });
      const wanted = await syncOnce(user, repository);
      const head = await repository.commit({ files: { "a.tf": "3\n" } });
      const failed = (await user.post("/sync/revert", { sync_record_id: Number(wanted.sync_id) })).ok(syncSchema);
      assert.deepEqual([failed.status, failed.error_code, failed.files_synced], ["failed", "conflicts", 0]);
      assert.deepEqual(
        failed.conflicts.map(({ file_path }) => file_path),
        ["a.tf"],
      );
      assert.equal(await repository.head(), head);
    },
  ),

  contractCase("POST /sync/revert returns 400 for a sync that wrote no commit to the branch", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "1\n" });
    const unchanged = await syncOnce(user, repository);
    await user.write({ "a.tf": "2\n" });
    const proposed = await syncOnce(user, repository, { conflict_strategy: "pull_request" });
    for (const { sync_id } of [unchanged, proposed]) {
      (await user.post("/sync/revert", { sync_record_id: Number(sync_id) })).fails(400, "sync_not_revertible");
    }
  }),

  contractCase("POST /sync/revert returns 404 for a missing record and for a record of another user", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const { sync_id } = await syncOnce(user, repository);
    const other = await scene.user();
    for (const sync_record_id of [Number(sync_id), 999_999_999]) {
      (await other.post("/sync/revert", { sync_record_id })).fails(404, "sync_record_not_found");
    }
    (await user.post("/sync/revert", { sync_record_id: 0 })).refuses("sync_record_id");
  }),
];
