import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { historySchema, projectStatusSchema, syncSchema } from "../responses.js";
import { projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

const JSON_TYPE = { "content-type": "application/json" };
const MANY = Array.from({ length: 30 }, (_, index) => `f${index}.tf`);

/** The fields with which a request allows what an error refuses. */
export const syncOverrideCases = [
  contractCase("POST /sync/project fails with mass_deletion until allow_mass_deletion is set", async (scene) => {
    const { user, repository } = await syncedProject(scene, Object.fromEntries(MANY.map((path) => [path, path])));
    await user.write(Object.fromEntries(MANY.slice(0, 20).map((path) => [path, null])));
    const refused = await syncOnce(user, repository);
    assert.deepEqual([refused.status, refused.error_code, refused.files_deleted], ["failed", "mass_deletion", 0]);
    assert.match(refused.error_message ?? "", /20 of 30 files.*`allow_mass_deletion`/);
    const status = (await user.get(`/sync/status/${user.projectId}`)).ok(projectStatusSchema);
    assert.deepEqual([status.error_code, status.error_message], ["mass_deletion", refused.error_message]);
    const [record] = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema).sync_records;
    assert.deepEqual([record?.error_code, record?.sync_errors], ["mass_deletion", refused.error_message]);
    const planned = (await user.post("/sync/plan", projectIn(repository))).refuses("allow_mass_deletion");
    assert.equal(planned.code, "mass_deletion");
    const allowed = await syncOnce(user, repository, { allow_mass_deletion: true });
    assert.deepEqual([allowed.status, allowed.files_deleted, allowed.error_code], ["completed", 20, null]);
  }),

  contractCase("POST /sync/project names the fields that allow a write to a protected branch", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    repository.setRules("main", [{ type: "pull_request" }]);
    await user.write({ "a.tf": "two\n" });
    const { detail } = (await user.post("/sync/project", projectIn(repository))).fails(403, "branch_protected");
    assert.match(detail, /`conflict_strategy`.*`bypass_rules`/);
    const bypassing = await syncOnce(user, repository, { bypass_rules: true });
    assert.deepEqual([bypassing.status, bypassing.error_code], ["failed", "branch_protected"], "GitHub decides");
  }),

  contractCase("POST /sync/project deletes ignored files with delete_ignored", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n", "out.log": "log\n" });
    await user.write({ ".gitignore": "*.log\n" });
    assert.equal((await syncOnce(user, repository)).files_deleted, 0);
    assert.equal((await syncOnce(user, repository, { delete_ignored: true })).files_deleted, 1);
    assert.ok(!("out.log" in (await textFiles(repository))));
  }),

  contractCase("POST /sync/project fails with project_empty until allow_empty_project is set", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n", "b.tf": "two\n" });
    await user.write({ "a.tf": null, "b.tf": null });
    for (const fields of [{}, { allow_mass_deletion: true }]) {
      const refused = await syncOnce(user, repository, fields);
      assert.deepEqual([refused.status, refused.error_code], ["failed", "project_empty"]);
      assert.match(refused.error_message ?? "", /`allow_empty_project`/);
    }
    const planned = (await user.post("/sync/plan", projectIn(repository))).refuses("allow_empty_project");
    assert.equal(planned.code, "project_empty");
    const allowed = await syncOnce(user, repository, { allow_empty_project: true });
    assert.deepEqual([allowed.status, allowed.files_deleted], ["completed", 2]);
  }),

  contractCase("POST /sync/project includes allow_mass_deletion in allow_empty_project", async (scene) => {
    const { user, repository } = await syncedProject(scene, Object.fromEntries(MANY.map((path) => [path, path])));
    await user.write(Object.fromEntries(MANY.map((path) => [path, null])));
    const allowed = await syncOnce(user, repository, { allow_empty_project: true });
    assert.deepEqual([allowed.status, allowed.files_deleted], ["completed", 30]);
  }),

  contractCase(
    "POST /sync/project takes the strategy of an exact path, then of the first pattern that matches",
    async (scene) => {
      const paths = ["a.tf", "b.tf", "c.md", "dir/a.tf"];
      const { user, repository } = await syncedProject(scene, Object.fromEntries(paths.map((path) => [path, "one\n"])));
      await repository.commit({ files: Object.fromEntries(paths.map((path) => [path, "theirs\n"])) });
      await user.write(Object.fromEntries(paths.map((path) => [path, "mine\n"])));
      const strategies = { "*.tf": "ours", "b.*": "theirs", "a.tf": "theirs", "c.md": "ours" };
      const sync = await syncOnce(user, repository, { strategies });
      assert.equal(sync.status, "completed");
      assert.deepEqual(
        Object.fromEntries(
          sync.conflicts.map(({ file_path, resolution_strategy }) => [file_path, resolution_strategy]),
        ),
        { "a.tf": "theirs", "b.tf": "ours", "c.md": "ours", "dir/a.tf": "ours" },
      );
      const files = await textFiles(repository);
      assert.deepEqual(
        paths.map((path) => files[path]),
        ["theirs\n", "mine\n", "mine\n", "mine\n"],
      );
    },
  ),

  contractCase(
    "POST /sync/project takes patterns in the order of the request, also names that are integers",
    async (scene) => {
      const paths = ["1/2", "1/a.tf"];
      const { user, repository } = await syncedProject(scene, Object.fromEntries(paths.map((path) => [path, "one\n"])));
      await repository.commit({ files: Object.fromEntries(paths.map((path) => [path, "theirs\n"])) });
      await user.write(Object.fromEntries(paths.map((path) => [path, "mine\n"])));
      // As an object, JavaScript would list 1 and 2 first.
      const strategies = '{"*.tf": "theirs", "2" : "ours", "1": "fail"}';
      const body = JSON.stringify({ ...projectIn(repository), strategies: "?" }).replace('"?"', strategies);
      const sync = (await user.send("POST", "/sync/project", { body, headers: JSON_TYPE })).ok(syncSchema);
      assert.deepEqual(
        sync.conflicts.map(({ file_path, resolution_strategy }) => [file_path, resolution_strategy]),
        [
          ["1/2", "ours"],
          ["1/a.tf", "theirs"],
        ],
      );
      assert.equal(sync.status, "completed");
    },
  ),

  contractCase("POST /sync/manual-trigger takes the same overrides", async (scene) => {
    const { user, repository } = await syncedProject(scene, Object.fromEntries(MANY.map((path) => [path, path])));
    await user.write(Object.fromEntries(MANY.slice(0, 20).map((path) => [path, null])));
    const refused = (await user.post("/sync/manual-trigger", projectIn(repository))).ok(syncSchema);
    assert.equal(refused.error_code, "mass_deletion");
    const body = { ...projectIn(repository), allow_mass_deletion: true };
    assert.equal((await user.post("/sync/manual-trigger", body)).ok(syncSchema).files_deleted, 20);
  }),

  contractCase("POST /sync/project returns 422 for overrides of another type", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    const wrong = {
      allow_mass_deletion: "yes",
      bypass_rules: 1,
      delete_ignored: {},
      plan_hash: 5,
      allow_empty_project: "no",
      strategies: { "a.tf": "pull_request" },
      author: { name: "Ada" },
      co_authors: [{ name: "Ada", email: "nowhere" }],
    };
    for (const [field, value] of Object.entries(wrong)) {
      (await user.post("/sync/project", { ...projectIn(repository), [field]: value })).refuses(field);
    }
  }),
];
