import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import type { Person } from "../person.js";
import { historySchema, projectStatusSchema } from "../responses.js";
import { conflictingProject, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

/** `POST /sync/project`: syncs that run. */
export const syncProjectCases = [
  contractCase("POST /sync/project commits the project's files in one commit", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "main.tf": "# main", "modules/vpc/vpc.tf": "# vpc" });
    const commits = (await repository.log()).length;
    const before = scene.host.now() - 1_000;
    const sync = await syncOnce(user, repository);
    assert.equal((await repository.log()).length, commits + 1);
    const head = await repository.head();
    const { sync_id, commit_url, created_at, completed_at, ...rest } = sync;
    assert.deepEqual(rest, {
      status: "completed",
      repository_full_name: repository.fullName,
      branch: "main",
      commit_sha: head,
      files_synced: 2,
      error_message: null,
      conflicts: [],
      files_deleted: 0,
      pull_request_url: null,
      error_code: null,
      direction: "push",
      files_pulled: 0,
      files_removed: 0,
      files_kept: 0,
      writer: "graphql",
      plan_hash: null,
      notes: [],
    });
    assert.match(sync_id, /^\d+$/);
    assert.match(commit_url ?? "", new RegExp(`/${repository.fullName}/commit/${head}$`));
    assert.ok(Date.parse(created_at) >= before && Date.parse(completed_at ?? "") >= Date.parse(created_at));
    const files = await textFiles(repository);
    assert.equal(files["modules/vpc/vpc.tf"], "# vpc");
    assert.ok("README.md" in files, "files that the project never wrote are kept");
  }),

  contractCase("POST /sync/project returns completed with the branch's head when nothing changed", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const head = await repository.head();
    const sync = await syncOnce(user, repository);
    assert.deepEqual([sync.status, sync.files_synced, sync.files_deleted, sync.commit_sha], ["completed", 0, 0, head]);
    assert.equal(await repository.head(), head);
  }),

  contractCase("POST /sync/project uses the given branch, directory and commit message", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const wish = { branch: "infra/next", commit_message: "Grow the network", directory: "deploy/prod" };
    const sync = await syncOnce(user, repository, wish);
    assert.deepEqual([sync.status, sync.branch], ["completed", "infra/next"]);
    assert.equal((await textFiles(repository, "infra/next"))["deploy/prod/a.tf"], "one\n");
    assert.match((await repository.log("infra/next"))[0]?.message ?? "", /^Grow the network/);
    assert.ok(!("deploy/prod/a.tf" in (await textFiles(repository))), "main is unchanged");
  }),

  contractCase("POST /sync/project deletes files that the project no longer has", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n", "b.tf": "two\n" });
    await user.write({ "b.tf": null });
    const sync = await syncOnce(user, repository, { wait: 1_000_000 });
    assert.deepEqual([sync.status, sync.files_synced, sync.files_deleted], ["completed", 0, 1]);
    assert.ok(!("b.tf" in (await textFiles(repository))));
  }),

  contractCase("POST /sync/project returns 200 failed with conflicts and writes nothing", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const head = await repository.head();
    for (const wish of [{}, { conflict_strategy: "fail" }, { conflict_strategy: "merge" }]) {
      const sync = await syncOnce(user, repository, wish);
      assert.equal(sync.status, "failed");
      assert.match(sync.error_message ?? "", /a\.tf/, "the message names the file");
      assert.equal(sync.error_code, "conflicts");
      assert.deepEqual([sync.files_synced, sync.commit_sha, sync.commit_url], [0, null, null]);
      assert.notEqual(sync.completed_at, null);
      const [conflict, ...others] = sync.conflicts;
      assert.deepEqual(others, []);
      assert.equal(conflict?.file_path, "a.tf");
      assert.equal(conflict?.has_conflict, true);
      assert.equal(conflict?.existing_sha, (await repository.files()).get("a.tf")?.oid);
    }
    assert.equal(await repository.head(), head);
  }),

  contractCase(
    "POST /sync/project overwrites the branch with check_conflicts: false and with the strategy ours",
    async (scene) => {
      for (const wish of [{ check_conflicts: false }, { conflict_strategy: "ours" }]) {
        const { user, repository } = await conflictingProject(scene);
        const sync = await syncOnce(user, repository, wish);
        assert.deepEqual([sync.status, sync.files_synced], ["completed", 1]);
        assert.equal((await textFiles(repository))["a.tf"], "mine\n");
      }
    },
  ),

  contractCase("POST /sync/project keeps the branch's version with the strategy theirs", async (scene) => {
    const { user, repository } = await conflictingProject(scene);
    const wish = { conflict_strategy: "theirs" };
    const sync = await syncOnce(user, repository, wish);
    assert.deepEqual([sync.status, sync.files_synced], ["completed", 0]);
    assert.equal((await textFiles(repository))["a.tf"], "theirs\n");
  }),

  contractCase("POST /sync/project merges text changes by default", async (scene) => {
    const lines = (first: string, last: string): string => [first, "2", "3", "4", "5", last, ""].join("\n");
    const { user, repository } = await syncedProject(scene, { "a.tf": lines("1", "6") });
    await repository.commit({ files: { "a.tf": lines("1", "theirs") } });
    await user.write({ "a.tf": lines("mine", "6") });
    const sync = await syncOnce(user, repository);
    assert.equal(sync.status, "completed");
    assert.equal((await textFiles(repository))["a.tf"], lines("mine", "theirs"));
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.equal(history.sync_records[0]?.conflicts_resolved, 1);
  }),

  contractCase("POST /sync/project keeps a change against a deletion, and lists it", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n", "b.tf": "two\n" });
    await repository.commit({ files: { "a.tf": "theirs\n" } });
    await user.write({ "a.tf": null });
    const sync = await syncOnce(user, repository);
    assert.equal(sync.status, "completed");
    assert.deepEqual(
      sync.conflicts.map(({ file_path, resolution_strategy }) => [file_path, resolution_strategy]),
      [["a.tf", "keep_change"]],
    );
    assert.equal((await textFiles(repository))["a.tf"], "theirs\n");
  }),

  contractCase("POST /sync/project opens a pull request with the strategy pull_request", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const head = await repository.head();
    await user.write({ "a.tf": "two\n" });
    const wish = { conflict_strategy: "pull_request" };
    const sync = await syncOnce(user, repository, wish);
    assert.equal(sync.status, "completed");
    assert.match(sync.pull_request_url ?? "", new RegExp(`/${repository.fullName}/pull/\\d+$`));
    assert.equal(await repository.head(), head);
    assert.equal(repository.pulls.length, 1);
    const branches = repository.refs.list("refs/heads/").filter(({ name }) => name !== "refs/heads/main");
    assert.deepEqual(
      branches.map(({ oid }) => oid),
      [sync.commit_sha],
    );
  }),

  contractCase("POST /sync/project returns in_progress when the sync takes longer than the wait", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "one\n" });
    const writes = scene.holdWrites(user.login);
    const asked = await syncOnce(user, repository, { wait: 0 });
    assert.ok(["pending", "in_progress"].includes(asked.status), asked.status);
    assert.deepEqual([asked.completed_at, asked.commit_sha, asked.error_message], [null, null, null]);
    await writes.held;
    const running = (await user.get(`/sync/status/${user.projectId}`)).ok(projectStatusSchema);
    assert.equal(running.status, "in_progress");
    assert.equal(running.progress?.sync_id, asked.sync_id);
    const during = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.equal(during.current_status, "in_progress");
    writes.release();
    const status = await ended(user);
    assert.deepEqual([status.status, status.last_commit_sha], ["completed", await repository.head()]);
    assert.equal(status.progress, null);
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.equal(String(history.sync_records[0]?.id), asked.sync_id);
    assert.equal(history.current_status, "completed");
  }),
];

/** Resolves to the project's status after its sync has ended. */
async function ended(user: Person) {
  for (;;) {
    const status = (await user.get(`/sync/status/${user.projectId}`)).ok(projectStatusSchema);
    if (status.status !== "pending" && status.status !== "in_progress") return status;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
