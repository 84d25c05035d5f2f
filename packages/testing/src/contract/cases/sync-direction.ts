import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import type { Person } from "../person.js";
import { planSchema, syncSchema } from "../responses.js";
import {
  conflictingProject,
  projectIn,
  type SyncedScene,
  syncedProject,
  syncOnce,
  textFiles,
} from "../synced-scene.js";

const lines = (first: string, last: string): string => [first, "2", "3", "4", "5", last, ""].join("\n");

/** `direction`, `on_conflict` and `allow_rewritten_history`. */
export const syncDirectionCases = [
  contractCase("POST /sync/project with the direction pull changes the project and not the branch", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "edited.tf": "1\n", "gone.tf": "2\n", "mine.tf": "3\n" });
    await repository.commit({ files: { "edited.tf": "one\n", "gone.tf": null, "new.tf": "new\n" } });
    await user.write({ "mine.tf": "three\n" });
    const head = await repository.head();
    const plan = (await user.post("/sync/plan", { ...projectIn(repository), direction: "pull" })).ok(planSchema);
    assert.deepEqual([plan.direction, plan.changes], ["pull", []]);
    assert.deepEqual(
      plan.project_changes.map(({ file_path, action }) => [file_path, action]),
      [
        ["README.md", "add"],
        ["edited.tf", "update"],
        ["gone.tf", "delete"],
        ["new.tf", "add"],
      ],
    );
    const sync = await syncOnce(user, repository, { direction: "pull", plan_hash: plan.plan_hash });
    assert.deepEqual([sync.status, ...countsOf(sync)], ["completed", 0, 0, 3, 1, 0]);
    assert.equal(await repository.head(), head);
    assert.deepEqual(await pushPlan({ user, repository }), { changes: ["mine.tf"], behind: [] });
  }),

  contractCase("POST /sync/project with the direction two_way merges both sides, and then rests", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": lines("1", "6"), "gone.tf": "x\n" });
    await repository.commit({ files: { "a.tf": lines("1", "theirs"), "theirs.tf": "t\n" } });
    await user.write({ "a.tf": lines("mine", "6"), "mine.tf": "m\n", "gone.tf": null });
    const sync = await syncOnce(user, repository, { direction: "two_way" });
    assert.deepEqual([sync.status, sync.direction, ...countsOf(sync)], ["completed", "two_way", 2, 1, 3, 0, 0]);
    const { "README.md": _readme, ...files } = await textFiles(repository);
    assert.deepEqual(files, { "a.tf": lines("mine", "theirs"), "mine.tf": "m\n", "theirs.tf": "t\n" });
    assert.deepEqual(await pushPlan({ user, repository }), { changes: [], behind: [] });
    const head = await repository.head();
    assert.deepEqual(countsOf(await syncOnce(user, repository, { direction: "two_way" })), [0, 0, 0, 0, 0]);
    assert.equal(await repository.head(), head);
  }),

  contractCase("POST /sync/project stops at a conflict, or skips its file with on_conflict skip", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    await repository.commit({ files: { "theirs.tf": "t\n" } });
    const stopped = await syncOnce(user, repository, { direction: "two_way" });
    assert.deepEqual(
      [stopped.status, stopped.error_code, ...countsOf(stopped)],
      ["failed", "conflicts", 0, 0, 0, 0, 0],
    );
    const [conflict] = stopped.conflicts;
    assert.equal(conflict?.existing_sha, (await repository.files()).get("a.tf")?.oid);
    assert.equal(new Set([conflict?.base_sha, conflict?.ours_sha, conflict?.existing_sha, null]).size, 4);
    const skipped = await syncOnce(user, repository, { direction: "two_way", on_conflict: "skip" });
    assert.deepEqual([skipped.status, skipped.error_code, skipped.files_pulled], ["completed", null, 2]);
    assert.deepEqual(
      skipped.conflicts.map(({ file_path }) => file_path),
      ["a.tf"],
    );
    assert.equal((await textFiles(repository))["a.tf"], "theirs\n");
    const taken = await syncOnce(user, repository, { direction: "pull", conflict_strategy: "theirs" });
    assert.deepEqual([taken.status, taken.files_pulled, taken.files_kept], ["completed", 1, 1]);
    assert.deepEqual(await pushPlan({ user, repository }), { changes: [], behind: [] });
  }),

  contractCase("POST /sync/project and manual-trigger accept a priority", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    for (const priority of ["interactive", "background"]) {
      const sync = await syncOnce(user, repository, { priority });
      assert.deepEqual([sync.status, sync.files_synced], ["completed", 0]);
      const body = { ...projectIn(repository), priority, wait: 60 };
      const triggered = (await user.post("/sync/manual-trigger", body)).ok(syncSchema);
      assert.equal(triggered.status, "completed");
    }
  }),

  contractCase("POST /sync/project rejects a pull from a missing branch and unknown values", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const body = { ...projectIn(repository), direction: "pull" };
    (await user.post("/sync/project", { ...body, branch: "missing" })).fails(404, "branch_not_found");
    (await user.post("/sync/project", { ...body, direction: "sideways" })).refuses("direction");
    (await user.post("/sync/project", { ...body, on_conflict: "ask" })).refuses("on_conflict");
    (await user.post("/sync/project", { ...body, priority: "urgent" })).refuses("priority");
    (await user.post("/sync/project", { ...body, conflict_strategy: "pull_request" })).refuses("direction");
  }),
];

function countsOf(sync: ReturnType<typeof syncSchema.parse>): number[] {
  const { files_synced, files_deleted, files_pulled, files_removed, files_kept } = sync;
  return [files_synced, files_deleted, files_pulled, files_removed, files_kept];
}

/** Returns the paths that a push would write, and those of which the branch has another version. */
async function pushPlan({ user, repository }: { user: Person; repository: SyncedScene["repository"] }) {
  const plan = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
  return {
    changes: plan.changes.map(({ file_path }) => file_path),
    behind: plan.remote_only_changes.map(({ file_path }) => file_path),
  };
}
