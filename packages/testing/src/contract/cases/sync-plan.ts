import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { historySchema, planSchema, syncSchema } from "../responses.js";
import { conflictingProject, projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

/** `POST /sync/plan`, and syncs with a `plan_hash`. */
export const syncPlanCases = [
  contractCase(
    "POST /sync/plan lists the changes of both sides, writes nothing and leaves no record",
    async (scene) => {
      const { user, repository } = await syncedProject(scene, {
        "changed.tf": "one\n",
        "gone.tf": "two\n",
        "same.tf": "three\n",
        "theirs.tf": "four\n",
      });
      await repository.commit({ files: { "theirs.tf": "4\n", "foreign.tf": "not the project's\n" } });
      await user.write({ "changed.tf": "12345", "gone.tf": null, "new.tf": "new\n", ".env": "SECRET=1\n" });
      const head = await repository.head();
      const { plan_hash, ...plan } = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
      assert.notEqual(plan_hash, "");
      assert.deepEqual(plan, {
        project_id: user.projectId,
        repository_full_name: repository.fullName,
        branch: "main",
        direction: "push",
        writer: "graphql",
        changes: [
          { file_path: "changed.tf", action: "update", size: 5, merged: false },
          { file_path: "gone.tf", action: "delete", size: 0, merged: false },
          { file_path: "new.tf", action: "add", size: 4, merged: false },
        ],
        project_changes: [],
        conflicts: [],
        remote_only_changes: [{ file_path: "theirs.tf", change: "updated" }],
        ignored: [".env"],
        secrets: [],
      });
      assert.equal(await repository.head(), head);
      assert.equal((await user.get(`/sync/history/${user.projectId}`)).ok(historySchema).total_syncs, 1);
    },
  ),

  contractCase("POST /sync/plan lists conflicts and follows the strategy", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const plan = async (fields: object) =>
      (await user.post("/sync/plan", { ...projectIn(repository), ...fields })).ok(planSchema);
    const stopped = await plan({});
    assert.deepEqual([stopped.changes, stopped.writer], [[], null]);
    assert.deepEqual(
      stopped.conflicts.map(({ file_path }) => file_path),
      ["a.tf"],
    );
    for (const fields of [{ conflict_strategy: "ours" }, { check_conflicts: false }]) {
      const overwriting = await plan(fields);
      assert.deepEqual(
        overwriting.changes.map(({ file_path, action }) => [file_path, action]),
        [["a.tf", "update"]],
      );
    }
    const body = { ...projectIn(repository), check_conflicts: false, conflict_strategy: "theirs" };
    (await user.post("/sync/plan", body)).refuses("conflict_strategy");
  }),

  contractCase("POST /sync/plan returns 404 for a missing project and repository", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const missing = { ...projectIn(repository), project_id: "missing" };
    (await user.post("/sync/plan", missing)).fails(404, "project_not_found");
    const unknown = { ...projectIn(repository), repository_full_name: `${user.login}/missing` };
    (await user.post("/sync/plan", unknown)).fails(404, "repository_not_found");
  }),

  contractCase("POST /sync/project applies exactly the plan of a plan_hash", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    await user.write({ "a.tf": "two\n" });
    const { plan_hash } = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
    const applied = await syncOnce(user, repository, { plan_hash });
    assert.deepEqual([applied.status, applied.files_synced, applied.plan_hash], ["completed", 1, plan_hash]);
    assert.equal((await textFiles(repository))["a.tf"], "two\n");
    const again = await syncOnce(user, repository, { plan_hash });
    assert.deepEqual([again.status, again.error_code], ["failed", "plan_stale"]);
  }),

  contractCase("POST /sync/project returns failed with plan_stale when either side moved", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n", "b.tf": "two\n" });
    await user.write({ "a.tf": "two\n" });
    const plan = async () => (await user.post("/sync/plan", projectIn(repository))).ok(planSchema).plan_hash;
    const refused = async (plan_hash: string) => {
      const head = await repository.head();
      const sync = await syncOnce(user, repository, { plan_hash });
      assert.deepEqual([sync.status, sync.error_code, sync.files_synced], ["failed", "plan_stale", 0]);
      assert.equal(sync.plan_hash, plan_hash);
      assert.equal(await repository.head(), head);
    };
    await refused("unknown");
    const beforeCommit = await plan();
    await repository.commit({ files: { "other.md": "moved\n" } });
    await refused(beforeCommit);
    const beforeEdit = await plan();
    await user.write({ "a.tf": "three\n" });
    await refused(beforeEdit);
    const beforeDeletion = await plan();
    await user.write({ "a.tf": null, "b.tf": null });
    await refused(beforeDeletion);
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.deepEqual(
      history.sync_records.map(({ error_code }) => error_code),
      ["plan_stale", "plan_stale", "plan_stale", "plan_stale", null],
    );
  }),

  contractCase("POST /sync/manual-trigger applies the plan of a plan_hash", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    await user.write({ "a.tf": "two\n" });
    const { plan_hash } = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
    const stale = { ...projectIn(repository), plan_hash: "unknown" };
    assert.equal((await user.post("/sync/manual-trigger", stale)).ok(syncSchema).error_code, "plan_stale");
    const body = { ...projectIn(repository), plan_hash };
    assert.equal((await user.post("/sync/manual-trigger", body)).ok(syncSchema).status, "completed");
  }),
];
