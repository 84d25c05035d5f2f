import assert from "node:assert/strict";
import { historySchema, projectStatusSchema, syncSchema } from "../answers.js";
import { contractCase } from "../contract-case.js";
import { projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

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
    };
    for (const [field, value] of Object.entries(wrong)) {
      (await user.post("/sync/project", { ...projectIn(repository), [field]: value })).refuses(field);
    }
  }),
];
