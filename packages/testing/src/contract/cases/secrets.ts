import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { announceSecret } from "../../github/secret-channel.js";
import { appSyncSchema, pushSchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";
import { historySchema, planSchema, syncSchema } from "../responses.js";
import { projectIn, syncedProject, syncOnce, textFiles } from "../synced-scene.js";

/** Returns a text with a token of GitHub in its second line, and the token. */
function secretFile(): { readonly text: string; readonly token: string } {
  const token = announceSecret(`ghp_${randomBytes(18).toString("hex")}`);
  return { text: `# provider\ntoken = "${token}"\n`, token };
}

/** Files with secrets, and the field `allow_secrets`. */
export const secretCases = [
  contractCase("POST /sync/project fails with secret_found before it writes anything", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const { text, token } = secretFile();
    await user.write({ "a.tf": "two\n", "prod/github.tf": text });
    const head = await repository.head();
    const refused = await syncOnce(user, repository);
    assert.deepEqual(
      [refused.status, refused.error_code, refused.files_synced, refused.commit_sha],
      ["failed", "secret_found", 0, null],
    );
    assert.match(refused.error_message ?? "", /prod\/github\.tf \(line 2, rule github\).*`allow_secrets`/);
    const history = (await user.get(`/sync/history/${user.projectId}`)).ok(historySchema);
    assert.equal(history.sync_records[0]?.error_code, "secret_found");
    assert.ok(!JSON.stringify([refused, history]).includes(token));
    assert.equal(await repository.head(), head);
  }),

  contractCase("POST /sync/project and /sync/manual-trigger send the files of allow_secrets", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const first = secretFile();
    await user.write({ "dev.tf": first.text });
    assert.equal((await syncOnce(user, repository, { allow_secrets: ["a.tf"] })).error_code, "secret_found");
    const allowed = await syncOnce(user, repository, { allow_secrets: ["dev.tf"] });
    assert.deepEqual([allowed.status, allowed.files_synced], ["completed", 1]);
    const second = secretFile();
    await user.write({ "dev.tf": second.text });
    const body = projectIn(repository);
    assert.equal((await user.post("/sync/manual-trigger", body)).ok(syncSchema).error_code, "secret_found");
    const again = (await user.post("/sync/manual-trigger", { ...body, allow_secrets: ["dev.tf"] })).ok(syncSchema);
    assert.equal(again.status, "completed");
    assert.equal((await textFiles(repository))["dev.tf"], second.text);
  }),

  contractCase("POST /sync/plan lists secrets with file, rule and line, without failing", async (scene) => {
    const { user, repository } = await syncedProject(scene, { "a.tf": "one\n" });
    const { text, token } = secretFile();
    await user.write({ "a.tf": "two\n", "dev.tf": text });
    const plan = (await user.post("/sync/plan", projectIn(repository))).ok(planSchema);
    assert.deepEqual(plan.secrets, [{ file_path: "dev.tf", rule: "github", line: 2 }]);
    assert.equal(plan.changes.length, 2);
    assert.ok(!JSON.stringify(plan).includes(token));
    const body = { ...projectIn(repository), allow_secrets: ["dev.tf"] };
    const allowed = (await user.post("/sync/plan", body)).ok(planSchema);
    assert.deepEqual([allowed.secrets, allowed.plan_hash], [[], plan.plan_hash]);
  }),

  contractCase(
    "POST /repositories/push and /repositories/sync return 422 secret_found until allow_secrets",
    async (scene) => {
      const { owner, account, repository, installation } = await scene.installation();
      const head = await repository.head();
      const { text, token } = secretFile();
      const body = {
        installation_id: installation.id,
        repo_owner: account,
        repo_name: repository.name,
        files: { "keys/dev.tf": text, "a.tf": "a\n" },
        commit_message: "Write files",
      };
      for (const endpoint of ["/repositories/push", "/repositories/sync"]) {
        const { code, detail } = (await owner.post(endpoint, body)).refuses("allow_secrets");
        assert.equal(code, "secret_found");
        assert.match(detail, /keys\/dev\.tf \(line 2, rule github\).*`allow_secrets`/);
        assert.ok(!detail.includes(token));
      }
      assert.equal(await repository.head(), head);
      const allowed = { ...body, allow_secrets: ["keys/dev.tf"] };
      assert.equal((await owner.post("/repositories/push", allowed)).ok(pushSchema).files_pushed, 2);
      assert.equal((await owner.post("/repositories/sync", allowed)).ok(appSyncSchema).success, true);
    },
  ),

  contractCase("POST /sync/project returns 422 for an allow_secrets that is not a list of paths", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    const tooMany = Array.from({ length: 10_001 }, () => "a");
    for (const allow_secrets of ["a.tf", {}, [1], ["../a"], ["/a"], [""], tooMany]) {
      (await user.post("/sync/project", { ...projectIn(repository), allow_secrets })).refuses("allow_secrets");
    }
  }),
];
