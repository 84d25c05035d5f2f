import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { connectionStatusSchema, historySchema, syncSchema } from "../responses.js";
import { projectIn, syncedProject, textFiles } from "../synced-scene.js";

/** Ids that are not a single path segment. */
const NO_SEGMENTS = ["", ".", "..", "../other", "a/b", "a\\b", "..\\other", "a\0b", "x".repeat(300)];
const ENDPOINTS = ["/sync/project", "/sync/manual-trigger", "/sync/check-conflicts"];

/** `POST /sync/manual-trigger`, and requests that are rejected before a record exists. */
export const syncRequestCases = [
  contractCase("POST /sync/manual-trigger syncs all files by default and ignores file_paths then", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n", "b.tf": "b\n" });
    const body = { ...projectIn(repository), file_paths: ["a.tf"] };
    const sync = (await user.post("/sync/manual-trigger", body)).ok(syncSchema);
    assert.deepEqual([sync.status, sync.files_synced, sync.branch], ["completed", 2, "main"]);
    assert.equal(sync.commit_sha, await repository.head());
  }),

  contractCase("POST /sync/manual-trigger syncs only file_paths with sync_all_files: false", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "a\n", "b.tf": "b\n", "c.tf": "c\n" });
    await repository.commit({ files: { "theirs.tf": "not the project's\n" } });
    await user.write({ "a.tf": "a2\n", "b.tf": null, "c.tf": "c2\n" });
    const body = { ...projectIn(repository), sync_all_files: false, file_paths: ["a.tf", "b.tf", "theirs.tf"] };
    const sync = (await user.post("/sync/manual-trigger", body)).ok(syncSchema);
    assert.deepEqual([sync.status, sync.files_synced, sync.files_deleted], ["completed", 1, 1]);
    const { "a.tf": a, "b.tf": b, "c.tf": c, "theirs.tf": theirs } = await textFiles(repository);
    assert.deepEqual([a, b, c, theirs], ["a2\n", undefined, "c\n", "not the project's\n"]);
  }),

  contractCase("POST /sync/manual-trigger uses the given commit message and strategy", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    await repository.commit({ files: { "a.tf": "theirs\n" } });
    await user.write({ "a.tf": "mine\n" });
    const body = { ...projectIn(repository), commit_message: "Mine counts", conflict_strategy: "ours" };
    assert.equal((await user.post("/sync/manual-trigger", body)).ok(syncSchema).status, "completed");
    assert.match((await repository.log())[0]?.message ?? "", /^Mine counts/);
  }),

  contractCase("POST /sync/manual-trigger returns 422 for paths outside the project", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    for (const path of ["../a.tf", "/a.tf", ".git/config", "a//b", ""]) {
      const body = { ...projectIn(repository), sync_all_files: false, file_paths: [path] };
      (await user.post("/sync/manual-trigger", body)).fails(422);
    }
  }),

  ...ENDPOINTS.flatMap((endpoint) => [
    contractCase(`POST ${endpoint} tells what is not there, and leaves no record`, async (scene) => {
      const { user, repository } = await syncedProject(scene, {});
      const other = await scene.user();
      const foreign = await scene.repository(other.login);
      const unconnected = await scene.user();
      await unconnected.write({ "a.tf": "a\n" });
      const body = projectIn(repository);
      (await unconnected.post(endpoint, body)).fails(400, "github_not_connected");
      for (const repository_full_name of [`${user.login}/nothing-here`, foreign.fullName]) {
        (await user.post(endpoint, { ...body, repository_full_name })).fails(404, "repository_not_found");
      }
      (await user.post(endpoint, { ...body, project_id: "nothing-here" })).fails(404, "project_not_found");
      const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
      assert.equal(history.total_syncs, 0);
    }),

    contractCase(`POST ${endpoint} names the field that is missing or wrong`, async (scene) => {
      const { user, repository } = await syncedProject(scene, {});
      const body = projectIn(repository);
      const { project_id, repository_full_name } = body;
      (await user.post(endpoint, { repository_full_name })).refuses("project_id");
      (await user.post(endpoint, { project_id })).refuses("repository_full_name");
      (await user.post(endpoint, { ...body, project_id: 7 })).refuses("project_id");
      (await user.post(endpoint, { ...body, repository_full_name: "no-slash" })).fails(422);
      (await user.post(endpoint, { ...body, repository_full_name: "a/b/c" })).fails(422);
      (await user.post(endpoint, { ...body, repository_full_name: "../user" })).fails(422);
      (await user.post(endpoint, { ...body, branch: "" })).fails(422);
      (await user.post(endpoint, { ...body, branch: "a..b" })).fails(422);
      (await user.post(endpoint, { ...body, branch: 1 })).refuses("branch");
    }),

    contractCase(`POST ${endpoint} rejects ids that lead to another folder`, async (scene) => {
      const { user, repository } = await syncedProject(scene, {});
      for (const project_id of NO_SEGMENTS) {
        const { status } = await user.post(endpoint, { ...projectIn(repository), project_id });
        assert.ok(status === 422 || status === 404, `${JSON.stringify(project_id)} returned ${status}`);
      }
    }),
  ]),

  contractCase("POST /sync/project returns 422 for invalid options", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    const assertRefused = async (options: Readonly<Record<string, unknown>>, field: string): Promise<void> => {
      (await user.post("/sync/project", { ...projectIn(repository), ...options })).refuses(field);
    };
    await assertRefused({ conflict_strategy: "hope" }, "conflict_strategy");
    await assertRefused({ check_conflicts: "perhaps" }, "check_conflicts");
    await assertRefused({ wait: -1 }, "wait");
    await assertRefused({ wait: "long" }, "wait");
    await assertRefused({ commit_message: 1 }, "commit_message");
    (await user.post("/sync/project", { ...projectIn(repository), directory: "../out" })).fails(422);
  }),

  contractCase("POST /sync/project names the scope that the user did not grant", async (scene) => {
    const user = await scene.user();
    const repository = await scene.repository(user.login);
    await user.write({ "a.tf": "a\n" });
    scene.box.control.grantScopes(["read:user", "user:email"]);
    try {
      await scene.connect(user);
    } finally {
      scene.box.control.grantScopes(undefined);
    }
    const { detail } = (await user.post("/sync/project", projectIn(repository))).fails(404, "repository_not_found");
    assert.match(detail, /scope `repo`/);
    const status = (await user.get("/connection/status")).ok(connectionStatusSchema);
    assert.deepEqual(status.missing_permissions, ["repo", "workflow"]);
  }),

  contractCase("POST /sync/project returns 403 without push permission and creates no record", async (scene) => {
    const [user, other] = [await scene.connected(), await scene.user()];
    const repository = await scene.repository(other.login, {}, { private: false });
    await user.write({ "a.tf": "a\n" });
    (await user.post("/sync/project", projectIn(repository))).fails(403, "insufficient_permissions");
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.equal(history.total_syncs, 0);
  }),

  contractCase("POST /sync/project returns 400 for a revoked token and creates no record", async (scene) => {
    const { owner, repository } = await scene.installation();
    await owner.write({ "a.tf": "a\n" });
    scene.box.revokeGrant(scene.host.app, owner.login);
    for (const endpoint of ENDPOINTS) {
      (await owner.post(endpoint, projectIn(repository))).fails(400, "reauth_required");
    }
    const history = (await owner.get(`/sync/history/${owner.projectId}`)).ok(historySchema);
    assert.equal(history.total_syncs, 0);
  }),

  contractCase("POST /sync/project returns 404 for a project of another user", async (scene) => {
    const [user, other] = [await scene.connected(), await scene.user()];
    const repository = await scene.repository(user.login);
    await other.write({ "secret.tf": "not yours\n" }, "theirs");
    const body = { ...projectIn(repository), project_id: "theirs" };
    (await user.post("/sync/project", body)).fails(404, "project_not_found");
  }),
];
