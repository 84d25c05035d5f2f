import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openScriptFixture, type RunningScript, type ScriptEnd, type ScriptFixture } from "./script-fixture.js";

type App = ReturnType<ScriptFixture["box"]["addOAuthApp"]>;

let fixture: ScriptFixture;
let app: App;

beforeAll(async () => {
  fixture = await openScriptFixture();
  fixture.box.control.deviceInterval(1);
  app = fixture.box.addOAuthApp({ callbackUrls: [], deviceFlow: true });
});
afterAll(() => fixture.close());

const env = (clientId = app.clientId) => ({ GITHUB_TOKEN: undefined, GITHUB_CLIENT_ID: clientId });

/** Resolves to the code that the script shows. */
function shownCode({ process: { stderr } }: RunningScript): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stderr?.on("data", (chunk) => {
      text += String(chunk);
      const code = /enter the code ([A-Z]{4}-[A-Z]{4})/.exec(text)?.[1];
      if (code !== undefined) resolve(code);
    });
    stderr?.on("close", () => reject(new Error(`The script shows no code: ${text}`)));
  });
}

/** Runs the script and enters the code that it shows as a user. */
async function signInAnd(args: readonly string[], deny = false, clientId = app.clientId): Promise<ScriptEnd> {
  const running = fixture.start("main.ts", args, { env: env(clientId) });
  await fixture.box.enterDeviceCode(await shownCode(running), { login: "acme", deny });
  return running.end;
}

async function tokenFiles(): Promise<string[]> {
  const folder = join(fixture.stateHome, "infrajet-github");
  return (await readdir(folder)).filter((name) => /^token-.*json$/.test(name)).map((name) => join(folder, name));
}

const codes = (): number => fixture.box.count("POST /login/device/code");

// Every run starts a process.
describe("the sync script without a token", () => {
  it("signs the user in with a code, and keeps the token for the next run in a file of the user", async () => {
    const repository = await fixture.repository("signed");
    const project = await fixture.project("signed", { "main.tf": "one\n" });
    const first = await signInAnd([project, "acme/signed", "--json"]);
    expect(first.stderr).toContain(`open ${fixture.serverUrl}/login/device`);
    expect(JSON.parse(first.stdout)).toMatchObject({ status: "completed", files_synced: 1 });
    expect([...(await repository.files()).keys()]).toContain("main.tf");

    const [path = "", ...others] = await tokenFiles();
    expect(others).toEqual([]);
    expect(first.stderr).toContain(`The token is kept in ${path}.`);
    const { access_token } = JSON.parse(await readFile(path, "utf8"));
    expect(access_token).toMatch(/^gho_/);
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const name of await readdir(join(fixture.stateHome, "infrajet-github"))) {
      const file = join(fixture.stateHome, "infrajet-github", name);
      if (file !== path) expect(await readFile(file, "utf8")).not.toContain(access_token);
    }
    expect(first.stdout + first.stderr).not.toContain(access_token);

    const before = codes();
    const second = await fixture.sync([project, "acme/signed"], { env: env() });
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(codes()).toBe(before);
  });

  it("asks again when GitHub no longer accepts the token, and fails when the user refuses", async () => {
    await fixture.repository("revoked");
    const project = await fixture.project("revoked", { "main.tf": "one\n" });
    const own = fixture.box.addOAuthApp({ callbackUrls: [], deviceFlow: true });
    expect((await signInAnd([project, "acme/revoked"], false, own.clientId)).code).toBe(0);
    fixture.box.revokeGrant(own, "acme");
    const refused = await signInAnd([project, "acme/revoked"], true, own.clientId);
    expect(refused).toMatchObject({ code: 1, stdout: expect.not.stringContaining("Completed") });
    expect(refused.stderr).toContain("Failed: The authorization was declined on GitHub.");
    expect((await signInAnd([project, "acme/revoked"], false, own.clientId)).code).toBe(0);
  });

  it("refreshes the token of a GitHub App that is about to expire", async () => {
    const gitHubApp = fixture.box.addApp({ name: "Sync App", deviceFlow: true, permissions: { contents: "write" } });
    fixture.box.install(gitHubApp, { account: "acme" });
    await fixture.repository("refreshed");
    const project = await fixture.project("refreshed", { "main.tf": "one\n" });
    const known = await tokenFiles();
    expect((await signInAnd([project, "acme/refreshed"], false, gitHubApp.clientId)).code).toBe(0);
    const path = (await tokenFiles()).find((file) => !known.includes(file)) ?? "";
    const kept = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...kept, expires_at: new Date(Date.now() + 60_000).toISOString() }));
    const before = codes();
    expect(await fixture.sync([project, "acme/refreshed"], { env: env(gitHubApp.clientId) })).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(codes()).toBe(before);
    const refreshed = JSON.parse(await readFile(path, "utf8"));
    expect(refreshed.access_token).not.toBe(kept.access_token);
    if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("stops at Ctrl-C while it waits for the user", async () => {
    const waiting = fixture.box.addOAuthApp({ callbackUrls: [], deviceFlow: true });
    const project = await fixture.project("interrupted", { "main.tf": "one\n" });
    const running = fixture.start("main.ts", [project, "acme/interrupted", "--json"], { env: env(waiting.clientId) });
    await shownCode(running);
    running.process.kill("SIGINT");
    const { code, stdout } = await running.end;
    expect([code, JSON.parse(stdout).status]).toEqual([1, "cancelled"]);
  });

  it("fails when device flow is not enabled for the app, and does not wait for a user in CI", async () => {
    const disabled = fixture.box.addOAuthApp({ callbackUrls: [] });
    const project = await fixture.project("disabled", { "main.tf": "one\n" });
    const refused = await fixture.sync([project, "acme/disabled"], { env: env(disabled.clientId) });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("Enable Device Flow")]);
    const inCi = await fixture.sync([project, "acme/disabled"], { env: { ...env(), CI: "true" } });
    expect([inCi.code, inCi.stderr]).toEqual([2, expect.stringContaining("GITHUB_TOKEN is missing.")]);
  });
});
