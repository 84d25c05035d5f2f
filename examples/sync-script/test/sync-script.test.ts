import { randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderDifferences, readFolder } from "../src/folder-difference.js";
import { git } from "../src/git.js";
import { openScriptFixture, type ScriptFixture, textOf } from "./script-fixture.js";

const FILES = { "main.tf": "one\ntwo\nthree\n", "modules/network/main.tf": "network\n" };

let fixture: ScriptFixture;
beforeAll(async () => {
  fixture = await openScriptFixture();
});
afterAll(() => fixture.close());

// Every run starts a process.
describe("the sync script", () => {
  it("syncs a folder, stores its state, and writes nothing when nothing has changed", async () => {
    const repository = await fixture.repository("first");
    const project = await fixture.project("first", FILES);

    const first = await fixture.sync([project, "acme/first"]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain("Completed: 2 files written, in one commit");
    expect([...(await repository.files()).keys()].sort()).toEqual(["README.md", "main.tf", "modules/network/main.tf"]);

    const [stateFile, ...others] = await stateFiles("acme-first-main");
    expect(others).toEqual([]);
    expect(first.stdout).toContain(`state: ${stateFile}`);
    const state = (await textOf(String(stateFile))) ?? "";
    expect(state).not.toContain(fixture.token);
    if (process.platform !== "win32") expect((await stat(String(stateFile))).mode & 0o777).toBe(0o600);

    const head = await repository.head();
    const second = await fixture.sync([project, "acme/first", "--json"]);
    expect(second.code).toBe(0);
    const response = JSON.parse(second.stdout);
    expect(response).toMatchObject({
      status: "completed",
      repository_full_name: "acme/first",
      branch: "main",
      commit_sha: head,
      files_synced: 0,
      files_deleted: 0,
      error_message: null,
      conflicts: [],
      writer: null,
    });
    expect(response.sync_id).toBe("2");
    expect(response.requests.github).toBeGreaterThan(0);
    expect(response.requests.github).toBeLessThanOrEqual(2);
    expect(response.requests.source_reads).toBe(0);
    expect(second.stderr).toContain(String(stateFile));
    expect(await repository.head()).toBe(head);
  });

  it("--plan writes neither to GitHub nor to the disk", async () => {
    const repository = await fixture.repository("planned");
    const project = await fixture.project("planned", FILES);
    const head = await repository.head();
    const planned = await fixture.sync([project, "acme/planned", "--plan", "--json"]);
    expect(planned.code).toBe(0);
    const { plan, status, requests, commit_sha } = JSON.parse(planned.stdout);
    expect(status).toBe("pending");
    expect(requests).toEqual({ github: 2, source_reads: 2 });
    expect(commit_sha).toBe(head);
    expect(plan).toEqual({
      project_id: "planned",
      repository_full_name: "acme/planned",
      branch: "main",
      direction: "push",
      plan_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      writer: "graphql",
      changes: [
        { file_path: "main.tf", action: "add", size: 14, merged: false },
        { file_path: "modules/network/main.tf", action: "add", size: 8, merged: false },
      ],
      project_changes: [],
      conflicts: [],
      remote_only_changes: [],
      ignored: [],
      secrets: [],
    });
    expect(await repository.head()).toBe(head);
    expect(await stateFiles("acme-planned")).toEqual([]);
  });

  it("applies a plan by its hash, and refuses it when the branch has moved since", async () => {
    const repository = await fixture.repository("applied");
    const project = await fixture.project("applied", FILES);
    const options = [project, "acme/applied", "--json"];
    const plan = async (): Promise<string> => {
      return JSON.parse((await fixture.sync([...options, "--plan"])).stdout).plan.plan_hash;
    };
    const stale = await plan();
    const moved = await repository.commit({ files: { "other.md": "moved\n" } });
    const refused = await fixture.sync([...options, "--apply", stale]);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ status: "failed", error_code: "plan_stale", plan_hash: stale });
    expect(await repository.head()).toBe(moved);
    const applied = await fixture.sync([...options, "--apply", await plan()]);
    expect(applied.code).toBe(0);
    expect(JSON.parse(applied.stdout)).toMatchObject({ status: "completed", files_synced: 2 });
  });

  it("names the flag that allows the deletion of most files, and takes it", async () => {
    await fixture.repository("mass");
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}.tf`, `${index}\n`]));
    const project = await fixture.project("mass", many);
    const options = [project, "acme/mass", "--json"];
    expect((await fixture.sync(options)).code).toBe(0);
    for (const name of Object.keys(many).slice(0, 20)) await rm(join(project, name));
    const refused = await fixture.sync(options);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error_code: "mass_deletion" });
    expect(refused.stderr).toContain("`--allow-mass-deletion`");
    const allowed = await fixture.sync([...options, "--allow-mass-deletion"]);
    expect(JSON.parse(allowed.stdout)).toMatchObject({ status: "completed", files_deleted: 20 });
  });

  it("fails on a conflict without writing, and resolves it with --strategy", async () => {
    const repository = await fixture.repository("conflict");
    const project = await fixture.project("conflict", FILES);
    const options = [project, "acme/conflict", "--state", join(fixture.folder, "conflict.json"), "--json"];
    const theirs = await repository.commit({ files: { "main.tf": "one\nTHEIRS\nthree\n" } });
    const refused = await fixture.sync(options);
    expect(refused.code).toBe(1);
    const response = JSON.parse(refused.stdout);
    expect(response).toMatchObject({ status: "failed", files_synced: 0, commit_sha: null });
    expect(response.error_message).toContain("main.tf");
    expect(response.conflicts).toMatchObject([
      { file_path: "main.tf", has_conflict: true, conflict_reason: "different_without_common_base" },
    ]);
    expect(await repository.head()).toBe(theirs);

    const resolved = await fixture.sync([...options, "--strategy", "ours", "--message", "Resolve it"]);
    expect(resolved.code).toBe(0);
    expect(JSON.parse(resolved.stdout)).toMatchObject({ status: "completed", files_synced: 2, writer: "graphql" });
    expect(String((await repository.files()).get("main.tf")?.content)).toBe(FILES["main.tf"]);
    expect((await repository.log())[0]?.message).toContain("Resolve it");
  });

  it("reads .env in the working folder, and names the missing variable without it", async () => {
    const repository = await fixture.repository("env");
    const project = await fixture.project("env", FILES);
    const cwd = await fixture.project("env-cwd", { ".env": `GITHUB_TOKEN=${fixture.token}\n` });
    const env = { GITHUB_TOKEN: undefined };
    const found = await fixture.sync(["../env", "acme/env", "--directory", "infra"], { cwd, env });
    expect(found).toMatchObject({ code: 0, stderr: "" });
    expect([...(await repository.files()).keys()]).toContain("infra/modules/network/main.tf");

    const missing = await fixture.sync([project, "acme/env", "--json"], { env });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("GITHUB_TOKEN is missing. Set it to a token");
    expect(JSON.parse(missing.stdout)).toMatchObject({ status: "failed", repository_full_name: "acme/env" });
  });

  it("stops at a file with a secret, until --allow-secret names the file", async () => {
    const repository = await fixture.repository("secret");
    const text = `token = "ghp_${randomBytes(18).toString("hex")}"\n`;
    const project = await fixture.project("secret", { "dev/github.tf": text });
    const planned = await fixture.sync([project, "acme/secret", "--plan"]);
    expect([planned.code, planned.stdout]).toEqual([
      0,
      expect.stringContaining("dev/github.tf  secret on line 1 (github)"),
    ]);
    const refused = await fixture.sync([project, "acme/secret"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/dev\/github\.tf \(line 1, rule github\).*`--allow-secret`/);
    expect((await fixture.sync([project, "acme/secret", "--allow-secret", "dev/github.tf"])).code).toBe(0);
    expect(String((await repository.files()).get("dev/github.tf")?.content)).toBe(text);
  });

  it("exits with 2 for invalid usage and with 1 when GitHub rejects the sync, with the reason", async () => {
    const project = await fixture.project("refused", FILES);
    const [wrong, unknown] = await Promise.all([
      fixture.sync([project, "acme/x", "--stratgy", "ours"]),
      fixture.sync([project, "acme/not-there", "--json"]),
    ]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain("Unknown option '--stratgy'.");
    expect(unknown.code).toBe(1);
    expect(JSON.parse(unknown.stdout)).toMatchObject({ status: "failed", sync_id: "", branch: "main" });
    expect(unknown.stderr).toContain("acme/not-there");
  });

  it("keeps the records of two concurrent runs with one state file", async () => {
    const repository = await fixture.repository("shared");
    const project = await fixture.project("shared", FILES);
    const stateFile = join(fixture.folder, "shared.json");
    const run = (directory: string) =>
      fixture.sync([project, "acme/shared", "--directory", directory, "--state", stateFile, "--json"]);
    const both = await Promise.all([run("left"), run("right")]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.map(({ stdout }) => JSON.parse(stdout).sync_id).sort()).toEqual(["1", "2"]);
    expect((await repository.files()).size).toBe(5);
    const { records, baselines } = JSON.parse((await textOf(stateFile)) ?? "");
    expect(records).toMatchObject([{ status: "completed" }, { status: "completed" }]);
    expect(baselines).toHaveLength(2);
  });

  it("recovers a run that was killed while its commit was being written", async () => {
    const repository = await fixture.repository("killed");
    const project = await fixture.project("killed", FILES);
    const options = [project, "acme/killed", "--state", join(fixture.folder, "killed.json"), "--json"];
    const killed = fixture.start("main.ts", options);
    const forget = fixture.box.control.afterRequest(({ operation }) => {
      if (operation === "createCommitOnBranch") killed.process.kill("SIGKILL");
    });
    expect((await killed.end).code).toBeNull();
    forget();
    expect(await textOf(join(fixture.folder, "killed.json.lock"))).not.toBeNull();

    const again = await fixture.sync(options);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ status: "completed", files_synced: 0 });
    expect(await repository.log()).toHaveLength(2);
    expect(await textOf(join(fixture.folder, "killed.json.lock"))).toBeNull();
    const records = JSON.parse((await textOf(join(fixture.folder, "killed.json"))) ?? "").records;
    expect(records.map(({ status }: { status: string }) => status)).toEqual(["completed", "completed"]);
  });

  it.skipIf(process.platform === "win32")("is cancelled by Ctrl-C at the next safe point", async () => {
    const repository = await fixture.repository("cancelled");
    const project = await fixture.project("cancelled", FILES);
    const head = await repository.head();
    const running = fixture.start("main.ts", [project, "acme/cancelled", "--json"]);
    const forget = fixture.box.control.beforeRequest(async ({ route }) => {
      if (!route.includes("/git/trees/")) return;
      running.process.kill("SIGINT");
      await running.end;
    });
    const { code, stdout } = await running.end;
    forget();
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ status: "cancelled", files_synced: 0 });
    expect(await repository.head()).toBe(head);
    expect(
      (await readdir(join(fixture.stateHome, "infrajet-github"))).filter((name) => name.endsWith(".lock")),
    ).toEqual([]);
  });

  it("syncs a package of several hundred files, and its clone is equal", async () => {
    const repository = await fixture.repository("package");
    const project = await installedPackage("highlight.js");
    const files = await readFolder(project);
    expect(files.size).toBeGreaterThan(300);
    // The package's README.md is another one than the repository's.
    const synced = await fixture.sync([project, "acme/package", "--strategy", "ours", "--json"]);
    expect(synced.code).toBe(0);
    expect(JSON.parse(synced.stdout)).toMatchObject({ files_synced: files.size, error_message: null });
    expect(await repository.log()).toHaveLength(2);
    const clone = join(fixture.folder, "package-clone");
    await git(["clone", "--quiet", `${fixture.serverUrl}/acme/package.git`, clone]);
    expect(await folderDifferences(project, clone)).toEqual([]);
    expect(await git(["fsck", "--strict", "--no-progress"], clone)).toBe("");
  });
});

async function stateFiles(prefix: string): Promise<string[]> {
  const folder = join(fixture.stateHome, "infrajet-github");
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.startsWith(prefix)).map((name) => join(folder, name));
}

/** The folder of a package as pnpm has installed it, whatever its version. */
async function installedPackage(name: string): Promise<string> {
  const store = fileURLToPath(new URL("../../../node_modules/.pnpm/", import.meta.url));
  const folder = (await readdir(store)).find((entry) => entry.startsWith(`${name}@`));
  if (folder === undefined) throw new Error(`${name} is not installed`);
  return join(store, folder, "node_modules", name);
}

it("syncs as an installation of a GitHub App", async () => {
  const repository = await fixture.repository("as-app");
  const folder = await fixture.project("as-app", { "main.tf": "a\n" });
  const app = fixture.box.addApp({ permissions: { contents: "write", metadata: "read" } });
  const installation = fixture.box.install(app, { account: "acme" });
  const env = {
    GITHUB_TOKEN: "",
    GITHUB_APP_ID: String(app.id),
    GITHUB_PRIVATE_KEY: app.privateKey.replaceAll("\n", "\\n"),
    GITHUB_INSTALLATION_ID: String(installation.id),
  };
  const end = await fixture.sync([folder, repository.fullName, "--json"], { env });
  expect(end).toMatchObject({ code: 0 });
  expect(JSON.parse(end.stdout)).toMatchObject({ status: "completed", files_synced: 1 });
  expect((await repository.files()).get("main.tf")?.content.toString()).toBe("a\n");
});
