import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { historySchema, syncSchema } from "../responses.js";
import { syncedProject, syncOnce, textFiles } from "../synced-scene.js";

/** `POST /sync/cancel`. */
export const syncCancelCases = [
  contractCase("POST /sync/cancel cancels a pending sync, which then writes nothing", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const writes = scene.holdWrites(user.login);
    const running = await syncOnce(user, repository, { wait: 0 });
    await writes.held;
    await user.write({ "a.tf": "two\n" });
    const waiting = await syncOnce(user, repository, { wait: 0 });
    assert.equal(waiting.status, "pending");
    const body = { sync_record_id: Number(waiting.sync_id) };
    const cancelled = (await user.post("/sync/cancel", body)).ok(syncSchema);
    assert.deepEqual([cancelled.sync_id, cancelled.status], [waiting.sync_id, "cancelled"]);
    assert.notEqual(cancelled.completed_at, null);
    assert.equal((await user.post("/sync/cancel", body)).ok(syncSchema).status, "cancelled");
    writes.release();
    const last = await syncOnce(user, repository);
    assert.deepEqual([last.status, last.files_synced], ["completed", 1]);
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.deepEqual(
      history.sync_records.map(({ id, sync_status }) => [String(id), sync_status]),
      [
        [last.sync_id, "completed"],
        [waiting.sync_id, "cancelled"],
        [running.sync_id, "completed"],
      ],
    );
  }),

  contractCase("POST /sync/cancel returns a completed sync unchanged", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const done = await syncOnce(user, repository);
    const body = { sync_record_id: Number(done.sync_id) };
    assert.deepEqual((await user.post("/sync/cancel", body)).ok(syncSchema), done);
    assert.equal((await textFiles(repository))["a.tf"], "one\n");
  }),

  contractCase("POST /sync/cancel returns 404 for a missing record and for a record of another user", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const { sync_id } = await syncOnce(user, repository);
    const other = await scene.user();
    for (const sync_record_id of [Number(sync_id), 999_999_999]) {
      (await other.post("/sync/cancel", { sync_record_id })).fails(404, "sync_record_not_found");
    }
  }),

  contractCase("POST /sync/cancel returns 422 for a record id that is not an integer", async (scene) => {
    const user = await scene.user();
    for (const body of [{}, { sync_record_id: "one" }, { sync_record_id: 1.5 }, { sync_record_id: 0 }]) {
      (await user.post("/sync/cancel", body)).refuses("sync_record_id");
    }
  }),
];
