import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { conflictCheckSchema, historySchema, syncSchema } from "../responses.js";
import { conflictingProject, projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

/** `POST /sync/check-conflicts` and `POST /sync/retry`. */
export const syncAgainCases = [
  contractCase("POST /sync/check-conflicts returns the numbers of changes and writes nothing", async (scene) => {
    const { user, repository } = await syncedProject(scene, {
      "changed.tf": "one\n",
      "gone.tf": "two\n",
      "same.tf": "three\n",
      "theirs.tf": "four\n",
      "both.tf": "five\n",
    });
    await repository.commit({ files: { "theirs.tf": "4\n", "both.tf": "theirs\n" } });
    await user.write({ "changed.tf": "1\n", "gone.tf": null, "new.tf": "new\n", "both.tf": "mine\n" });
    const head = await repository.head();
    const { conflicts, ...check } = (await user.post("/sync/check-conflicts", projectIn(repository))).ok(
      conflictCheckSchema,
    );
    assert.deepEqual(check, {
      project_id: user.projectId,
      repository_full_name: repository.fullName,
      branch: "main",
      total_conflicts: 1,
      can_auto_resolve: false,
      to_add: 1,
      to_update: 1,
      to_delete: 1,
      remote_only_changes: 1,
      // The file of the branch that the project does not have, and the one that only the branch changed.
      to_pull: 2,
      to_remove: 0,
    });
    const theirs = (await repository.files()).get("both.tf");
    assert.deepEqual(
      conflicts.map(({ file_path, has_conflict, existing_sha }) => [file_path, has_conflict, existing_sha]),
      [["both.tf", true, theirs?.oid]],
    );
    assert.notEqual(conflicts[0]?.conflict_reason, null);
    assert.equal(await repository.head(), head);
    assert.equal((await user.get(`/sync/history/${user.projectId}`)).ok(historySchema).total_syncs, 1);
  }),

  contractCase("POST /sync/check-conflicts returns can_auto_resolve without conflicts", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const check = (await user.post("/sync/check-conflicts", projectIn(repository))).ok(conflictCheckSchema);
    assert.deepEqual([check.conflicts, check.total_conflicts, check.to_add], [[], 0, 1]);
    assert.equal(check.can_auto_resolve, true);
  }),

  contractCase("POST /sync/check-conflicts suggests merge for a clean text merge", async (scene) => {
    const lines = (first: string, last: string): string => [first, "2", "3", "4", "5", last, ""].join("\n");
    const { user, repository } = await syncedProject(scene, { "a.tf": lines("1", "6") });
    await repository.commit({ files: { "a.tf": lines("1", "theirs") } });
    await user.write({ "a.tf": lines("mine", "6") });
    const check = (await user.post("/sync/check-conflicts", projectIn(repository))).ok(conflictCheckSchema);
    assert.equal(check.can_auto_resolve, true);
    assert.deepEqual(
      check.conflicts.map(({ file_path, resolution_strategy }) => [file_path, resolution_strategy]),
      [["a.tf", "merge"]],
    );
    assert.equal(check.total_conflicts, 1);
    assert.equal(check.conflicts[0]?.existing_size, lines("1", "theirs").length);
  }),

  contractCase("POST /sync/check-conflicts suggests keep_change for a change against a deletion", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n", "b.tf": "two\n" });
    await repository.commit({ files: { "a.tf": "changed\n" } });
    await user.write({ "a.tf": null });
    const check = (await user.post("/sync/check-conflicts", projectIn(repository))).ok(conflictCheckSchema);
    assert.deepEqual(
      check.conflicts.map(({ file_path, resolution_strategy }) => [file_path, resolution_strategy]),
      [["a.tf", "keep_change"]],
    );
  }),

  contractCase("POST /sync/check-conflicts compares with the given branch", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "a\n" });
    await repository.commit({ branch: "next", files: { "a.tf": "other\n" } });
    const body = { ...projectIn(repository), branch: "next" };
    const check = (await user.post("/sync/check-conflicts", body)).ok(conflictCheckSchema);
    assert.deepEqual([check.branch, check.total_conflicts], ["next", 1]);
  }),

  contractCase("POST /sync/retry retries a failed sync on the same record", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const failed = await syncOnce(user, repository);
    const body = { sync_record_id: Number(failed.sync_id) };
    const again = (await user.post("/sync/retry", body)).ok(syncSchema);
    assert.deepEqual([again.sync_id, again.status], [failed.sync_id, "failed"]);
    await user.write({ "a.tf": "theirs\n", "b.tf": "new\n" });
    const done = (await user.post("/sync/retry", body)).ok(syncSchema);
    assert.deepEqual([done.sync_id, done.status, done.error_message], [failed.sync_id, "completed", null]);
    assert.deepEqual([done.conflicts, done.commit_sha], [[], await repository.head()]);
    assert.equal((await textFiles(repository))["b.tf"], "new\n");
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.deepEqual([history.total_syncs, history.sync_records[0]?.retry_count], [2, 2]);
  }),

  contractCase("POST /sync/retry returns 400 for a completed sync", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "a\n" });
    const { sync_id } = await syncOnce(user, repository);
    (await user.post("/sync/retry", { sync_record_id: Number(sync_id) })).fails(400, "sync_not_retryable");
  }),

  contractCase("POST /sync/retry returns 400 after 3 retries or max_retries", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const sync_record_id = Number((await syncOnce(user, repository)).sync_id);
    (await user.post("/sync/retry", { sync_record_id, max_retries: 1 })).ok(syncSchema);
    (await user.post("/sync/retry", { sync_record_id, max_retries: 1 })).fails(400, "sync_not_retryable");
    (await user.post("/sync/retry", { sync_record_id })).ok(syncSchema);
    (await user.post("/sync/retry", { sync_record_id })).ok(syncSchema);
    (await user.post("/sync/retry", { sync_record_id })).fails(400, "sync_not_retryable");
  }),

  contractCase("POST /sync/retry returns 404 for a missing record and for a record of another user", async (scene) => {
    const [{ user, repository }, other] = [await conflictingProject(scene), await scene.user()];
    const { sync_id } = await syncOnce(user, repository);
    const sync_record_id = Number(sync_id);
    const foreign = (await other.post("/sync/retry", { sync_record_id })).fails(404, "sync_record_not_found");
    const absent = (await other.post("/sync/retry", { sync_record_id: 999_999_999 })).fails(
      404,
      "sync_record_not_found",
    );
    assert.equal(foreign.detail.replace(sync_id, ""), absent.detail.replace("999999999", ""));
    assert.equal((await user.get(`/sync/history/${user.projectId}`)).ok(historySchema).sync_records[0]?.retry_count, 0);
  }),

  contractCase("POST /sync/retry returns 422 for a record id that is not an integer", async (scene) => {
    const user = await scene.user();
    for (const sync_record_id of ["one", 1.5, null, [], 1e300]) {
      (await user.post("/sync/retry", { sync_record_id })).refuses("sync_record_id");
    }
    (await user.post("/sync/retry", {})).refuses("sync_record_id");
    (await user.post("/sync/retry", { sync_record_id: 1, max_retries: "few" })).refuses("max_retries");
  }),
];
