import assert from "node:assert/strict";
import { appSyncSchema, pushSchema } from "../app-responses.js";
import { contractCase } from "../contract-case.js";
import type { InstalledScene } from "../scene.js";
import { textFiles } from "../synced-scene.js";

/** `POST /repositories/push` and `POST /repositories/sync`. */
export const installationFileCases = [
  contractCase("POST /repositories/push overwrites the given files in one commit", async (scene) => {
    const installed = await scene.installation();
    const { owner, repository } = installed;
    await repository.commit({ files: { "a.tf": "theirs\n", "keep.tf": "keep\n" } });
    const commits = (await repository.log()).length;
    const body = filesFor(installed, { "a.tf": "a\n", "modules/b.tf": "b\n" });
    const pushed = (await owner.post("/repositories/push", body)).ok(pushSchema);
    const head = await repository.head();
    assert.deepEqual([pushed.commit_sha, pushed.files_pushed, pushed.branch, pushed.success], [head, 2, "main", true]);
    assert.match(pushed.repository_url, new RegExp(`/${repository.fullName}$`));
    assert.match(pushed.commit_url, new RegExp(`/${repository.fullName}/commit/${head}$`));
    const log = await repository.log();
    assert.equal(log.length, commits + 1);
    assert.match(log[0]?.message ?? "", /^Write files/);
    const { "a.tf": a, "modules/b.tf": b, "keep.tf": keep } = await textFiles(repository);
    assert.deepEqual([a, b, keep], ["a\n", "b\n", "keep\n"]);
  }),

  contractCase("POST /repositories/push accepts bytes, modes and deletions", async (scene) => {
    const installed = await scene.installation();
    const { owner, repository } = installed;
    await repository.commit({ files: { "gone.tf": "gone\n" } });
    const bytes = Buffer.from([0, 255, 10, 13]);
    const files = {
      "logo.bin": { content: bytes.toString("base64"), encoding: "base64" },
      "bin/run.sh": { content: "#!/bin/sh\n", encoding: "utf-8", mode: "100755" },
      "gone.tf": null,
    };
    (await owner.post("/repositories/push", filesFor(installed, files))).ok(pushSchema);
    const written = await repository.files();
    assert.deepEqual(written.get("logo.bin")?.content, bytes);
    assert.equal(written.get("bin/run.sh")?.mode, "100755");
    assert.equal(written.has("gone.tf"), false);
  }),

  contractCase("POST /repositories/push writes every file or names the one that it rejects", async (scene) => {
    const installed = await scene.installation();
    const files = { constructor: "one", "modules/__proto__/x": "two", "K\u00e4se und \u{1f600}": "three" };
    const pushed = (await installed.owner.post("/repositories/push", filesFor(installed, files))).ok(pushSchema);
    assert.equal(pushed.files_pushed, 3);
    const written = await installed.repository.files();
    for (const [path, content] of Object.entries(files)) assert.equal(written.get(path)?.content.toString(), content);
    const unusual: Readonly<Record<string, unknown>> = JSON.parse('{"a.tf":"a","__proto__":"four"}');
    const response = await installed.owner.post("/repositories/push", filesFor(installed, unusual));
    if (response.status === 200) assert.ok((await installed.repository.files()).has("__proto__"));
    else response.refuses("files");
  }),

  contractCase("POST /repositories/push creates the branch that the request names", async (scene) => {
    const installed = await scene.installation();
    const { owner, repository } = installed;
    const body = { ...filesFor(installed, { "a.tf": "a\n" }), branch: "infra/next" };
    const pushed = (await owner.post("/repositories/push", body)).ok(pushSchema);
    assert.deepEqual([pushed.branch, pushed.commit_sha], ["infra/next", await repository.head("infra/next")]);
    assert.ok(!("a.tf" in (await textFiles(repository))));
  }),

  contractCase("POST /repositories/sync writes files that were not changed on the branch", async (scene) => {
    const installed = await scene.installation();
    const { owner, repository } = installed;
    for (const content of ["one\n", "two\n"]) {
      const body = filesFor(installed, { "a.tf": content });
      const sync = (await owner.post("/repositories/sync", body)).ok(appSyncSchema);
      const { commit_url, repository_url, ...rest } = sync;
      assert.deepEqual(rest, { success: true, commit_sha: await repository.head(), files_synced: 1, conflicts: [] });
      assert.match(commit_url ?? "", new RegExp(`/commit/${sync.commit_sha}$`));
      assert.match(repository_url, new RegExp(`/${repository.fullName}$`));
    }
    assert.equal((await textFiles(repository))["a.tf"], "two\n");
  }),

  contractCase("POST /repositories/sync returns conflicts for files that were changed on the branch", async (scene) => {
    const installed = await scene.installation();
    const { owner, repository } = installed;
    (await owner.post("/repositories/sync", filesFor(installed, { "a.tf": "one\n" }))).ok(appSyncSchema);
    const head = await repository.commit({ files: { "a.tf": "theirs\n", "other.tf": "never ours\n" } });
    for (const path of ["a.tf", "other.tf"]) {
      const body = filesFor(installed, { [path]: "mine\n", "new.tf": "new\n" });
      const { repository_url, conflicts, ...rest } = (await owner.post("/repositories/sync", body)).ok(appSyncSchema);
      assert.deepEqual(rest, { success: false, commit_sha: null, files_synced: 0, commit_url: null });
      assert.deepEqual(
        conflicts.map(({ file_path, has_conflict }) => [file_path, has_conflict]),
        [[path, true]],
      );
      assert.notEqual(repository_url, "");
    }
    assert.equal(await repository.head(), head);
  }),

  contractCase(
    "POST /repositories/push and /repositories/sync return 404 for a missing repository and 403 without write permission",
    async (scene) => {
      const installed = await scene.installation();
      const { owner } = installed;
      const other = await scene.user();
      const foreign = await scene.repository(other.login, {}, { private: false });
      for (const endpoint of ["/repositories/push", "/repositories/sync"]) {
        const body = filesFor(installed, { "a.tf": "a\n" });
        (await owner.post(endpoint, { ...body, repo_name: "nothing-here" })).fails(404, "repository_not_found");
        const elsewhere = { ...body, repo_owner: other.login, repo_name: foreign.name };
        const { status } = await owner.post(endpoint, elsewhere);
        assert.ok(status === 403 || status === 404, `${endpoint} returned ${status}`);
      }
      assert.equal((await foreign.log()).length, 1);
    },
  ),

  contractCase(
    "POST /repositories/push and /repositories/sync return 422 with the invalid file or field and write nothing",
    async (scene) => {
      const installed = await scene.installation();
      const { owner, repository } = installed;
      const head = await repository.head();
      const good = filesFor(installed, { "a.tf": "a\n" });
      for (const endpoint of ["/repositories/push", "/repositories/sync"]) {
        for (const path of ["../a.tf", "/a.tf", ".git/config", "a//b", "", "a/", "a\0b"]) {
          (await owner.post(endpoint, filesFor(installed, { [path]: "a\n" }))).fails(422);
        }
        const badFiles = [
          {},
          [],
          "a.tf",
          { "a.tf": 1 },
          { "a.tf": { content: "%%%", encoding: "base64" } },
          { "a.tf": { content: "a", encoding: "latin1" } },
          { "a.tf": { content: "a", encoding: "utf-8", mode: "777" } },
          { "a.tf": { encoding: "utf-8" } },
        ];
        for (const files of badFiles) (await owner.post(endpoint, { ...good, files })).fails(422);
        (await owner.post(endpoint, filesFor(installed, { a: "file", "a/b": "in it" }))).fails(422);
        (await owner.post(endpoint, { ...good, commit_message: "" })).fails(422);
        (await owner.post(endpoint, { ...good, branch: "a..b" })).fails(422);
        (await owner.post(endpoint, { ...good, repo_name: "a/b" })).fails(422);
        (await owner.post(endpoint, { ...good, commit_message: undefined })).refuses("commit_message");
        (await owner.post(endpoint, { ...good, files: undefined })).refuses("files");
        (await owner.post(endpoint, { ...good, repo_owner: undefined })).refuses("repo_owner");
      }
      assert.equal(await repository.head(), head);
    },
  ),
];

function filesFor(
  { account, repository, installation }: InstalledScene,
  files: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return {
    installation_id: installation.id,
    repo_owner: account,
    repo_name: repository.name,
    files,
    commit_message: "Write files",
  };
}
