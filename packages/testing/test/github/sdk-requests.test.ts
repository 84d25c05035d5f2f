import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGitHubSdk, type SyncRequest, silentLogger } from "@infrajet/github";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import { type MemoryFileTree, MemoryProjectFiles } from "@infrajet/github/memory";
import { createGitHubBox } from "@infrajet/github-testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RequestAudit } from "./request-audit.js";

const CORE_SOURCES = fileURLToPath(new URL("../../../core/src", import.meta.url));

/** The routes that the SDK calls with URLs of its own, because they need the client's secret. */
const CLIENT_ROUTES = [
  "DELETE /applications/{client_id}/grant",
  "DELETE /applications/{client_id}/token",
  "POST /applications/{client_id}/token",
];

const project = { userId: "1", projectId: "p" };
/** Skips short pauses. */
const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms < 5_000 ? 0 : ms, signal) };
const audit = new RequestAudit();

beforeAll(async () => {
  await syncProjects();
  await connectAndInstall();
}, 180_000);
afterAll(() => audit.close());

async function syncProjects(): Promise<void> {
  const box = await createGitHubBox();
  const token = box.addToken({ login: "octo" });
  const repository = await box.createRepository({ owner: "octo", name: "project", autoInit: true });
  await box.createRepository({ owner: "octo", name: "empty" });
  await box.createRepository({ owner: "octo", name: "new" });
  const server = await box.listen();
  const files = new MemoryProjectFiles();
  const sdk = createGitHubSdk({
    auth: token,
    apiUrl: server.apiUrl,
    projectFiles: files,
    clock,
    retryPauseMs: 1,
    logger: silentLogger,
  });
  audit.watch(box);
  const run = async (tree: MemoryFileTree, request: Partial<SyncRequest> = {}) => {
    files.setProject(project, tree);
    return sdk.sync.run({ project, repository: "octo/project", writer: "git-data", ...request });
  };
  const sync = async (tree: MemoryFileTree, request: Partial<SyncRequest> = {}): Promise<void> => {
    expect(await run(tree, request)).toMatchObject({ status: "completed", error: null });
  };
  const lines = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].join("\n");
  const tree = {
    ...{ "a.txt": "a", "b.bin": new Uint8Array([0, 1]), "lines.txt": lines },
    "c.sh": { content: "#!", mode: "100755" },
  } as const;

  await sync(tree);
  await sync(tree, { repository: "octo/new" });
  const { id } = await run({ ...tree, "a.txt": "z" }, { repository: "octo/new" });
  expect(await sdk.sync.revert(id)).toMatchObject({ status: "completed", error: null });
  // Without the response, the SDK searches the branch for the first commit of the empty repository.
  box.control.fault({ method: "PUT", path: /\/contents\//, when: "after", respond: "reset" });
  await sync({ "a.txt": "a" }, { repository: "octo/empty" });
  box.control.fault({ operation: "createCommitOnBranch", when: "after", respond: "reset" });
  await sync({ ...tree, "a.txt": "b" }, { writer: "graphql" });
  box.control.disableMutation("updateRefs");
  await sync({ ...tree, "a.txt": "c" });
  await repository.commit({ files: { "lines.txt": lines.replace("9", "nine") } });
  await sync({ ...tree, "a.txt": "c", "lines.txt": lines.replace("1", "one") });
  expect((await repository.files()).get("lines.txt")?.content.toString()).toMatch(/^one[\s\S]*nine$/);
  // Without the response, the SDK searches the open pull requests.
  box.control.fault({ method: "POST", path: /\/pulls$/, when: "after", respond: "reset" });
  const pullRequest = { labels: ["infra"], reviewers: ["hubot"], draft: true };
  box.addUser({ login: "hubot" });
  repository.setPermission("hubot", "write");
  await sync({ ...tree, "a.txt": "d", "lines.txt": "" }, { strategy: "pull_request", pullRequest });
  expect([...(repository.pulls[0]?.requestedReviewers ?? [])]).toMatchObject([{ login: "hubot" }]);
  expect(await run(tree, { branch: "main/below", strategy: "ours" })).toMatchObject({
    error: { code: "invalid_branch" },
  });
  repository.rename("renamed");
  await sync({ ...tree, "a.txt": "e" });
  await sdk.close();
  await box.close();
}

async function connectAndInstall(): Promise<void> {
  const box = await createGitHubBox();
  const { apiUrl, serverUrl } = await box.listen();
  box.addOrganization({ login: "acme", admins: ["ann"] });
  const callback = "https://host.test/callback";
  const oauth = box.addOAuthApp({ callbackUrls: [callback] });
  let takesDeliveries = true;
  const app = box.addApp({
    ...{ callbackUrls: [callback], requestsUserAuthorization: true, events: ["push", "repository", "organization"] },
    permissions: { contents: "write", administration: "write", members: "read" },
    webhookSecret: "between GitHub and the host",
    webhookHandler: async (request) => {
      if (!takesDeliveries) return new Response(null, { status: 500 });
      const body = new Uint8Array(await request.arrayBuffer());
      await sdk.webhooks.handle({ headers: Object.fromEntries(request.headers), body });
      return new Response();
    },
  });
  const { id: appId, slug, clientId, clientSecret, privateKey } = app;
  const sdk = createGitHubSdk({
    ...{ apiUrl, serverUrl, redirectUri: callback, projectFiles: new MemoryProjectFiles(), clock, retryPauseMs: 1 },
    oauth: { clientId: oauth.clientId, clientSecret: oauth.clientSecret },
    app: { appId, slug, clientId, clientSecret, privateKey, webhookSecrets: ["between GitHub and the host"] },
    encryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
    webhooks: { inline: true, sweep: false },
  });
  audit.watch(box);
  const user = { userId: "7" };
  const { connections } = sdk;
  const connect = async (userId: string, login: string, client: "oauth" | "app"): Promise<void> => {
    const { url } = await connections.authorize({ userId, client });
    const { code, state = "" } = await box.authorize(url, { login });
    await connections.complete({ userId, code, state });
  };

  await connect("7", "ann", "oauth");
  await connect("7", "ann", "app");
  await connect("8", "bob", "oauth");
  await connections.disconnect("8");
  box.addMember("acme", "max");
  await connect("9", "max", "app");
  const { installationUrl } = await sdk.app.installUrl({ userId: "9", state: "a state of this user" });
  const {
    code,
    state = "",
    setupAction = "",
  } = await box.installFrom(installationUrl, { login: "max", account: "acme" });
  await connections.complete({ userId: "9", code, state, setupAction });
  await sdk.app.pendingInstallations({ userId: "9" }, []);
  const installationId = box.install(app, { account: "acme" }).id;
  const own = box.install(app, { account: "ann" }).id;
  await sdk.app.createRepository({ ...user, installationId, name: "infra" });
  await sdk.app.createRepository({ ...user, installationId: own, name: "notes" });
  const existing = { ...user, installationId, name: "infra", ifExists: "use" } as const;
  await sdk.app.createRepository({ ...existing, topics: ["terraform"] });
  const template = box.repository("acme", "infra") ?? expect.fail("The repository does not exist.");
  template.isTemplate = true;
  await sdk.app.createRepository({ ...user, installationId, name: "copy", template: "acme/infra" });
  const options = { gitignoreTemplate: "Terraform", licenseTemplate: "mit", autoInit: true, topics: ["azure"] };
  await sdk.app.createRepository({ ...existing, ...options, name: "begun" });
  const files = { "a.txt": "a" };
  await sdk.app.push({ ...user, installationId, repository: "acme/infra", message: "Begin", files });
  const userToken = await (await connections.credential("7", "app")).token();
  await sdk.app.validateAccess({ userToken, installationId, repository: "acme/infra" });
  await sdk.app.health();
  await sdk.doctor();
  await connections.repositories("7");
  await connections.repository("7", "acme/infra");
  await connections.branches("7", "acme/infra");
  await expect(connections.repository("7", "acme/nothing")).rejects.toMatchObject({ code: "repository_not_found" });
  box.renameRepository(box.repository("acme", "infra") ?? expect.fail("The repository does not exist."), "platform");
  expect(await connections.repository("7", "acme/infra")).toMatchObject({ fullName: "acme/platform" });
  await box.deliveriesSettled();
  const held = box.control.holdDeliveries();
  box.removeMember("acme", "ann");
  box.addMember("acme", "ann", "admin");
  held.release();
  await box.deliveriesSettled();
  takesDeliveries = false;
  await box.repository("acme", "platform")?.commit({ files: { b: "b" } });
  await box.deliveriesSettled();
  takesDeliveries = true;
  await sdk.webhooks.recover();
  await box.deliveriesSettled();
  box.revokeGrant(app, "ann");
  await box.deliveriesSettled();
  await connections.disconnect("7", { revoke: "grant" });

  await sdk.close();
  await box.close();
}

/** Returns the first group of all matches of a pattern in the sources of the SDK. */
function inSources(pattern: RegExp): Set<string> {
  const paths = readdirSync(CORE_SOURCES, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const matches = paths.flatMap((path) => [...readFileSync(join(CORE_SOURCES, path), "utf8").matchAll(pattern)]);
  return new Set(matches.map(([, found = ""]) => found));
}

describe("requests of the SDK", () => {
  it("have the query parameters and bodies of GitHub's OpenAPI description", () => {
    expect(audit.requestProblems).toEqual([]);
  });

  it("get responses of all statuses as in GitHub's OpenAPI description", () => {
    expect(audit.responseProblems).toEqual([]);
    expect([...audit.statuses].sort()).toEqual(expect.arrayContaining([200, 201, 202, 204, 301, 404, 422]));
  });

  it("have GraphQL documents and variables that are valid for GitHub's schema", () => {
    expect(audit.graphqlProblems).toEqual([]);
  });

  it("cover all REST routes in the sources of the SDK", () => {
    const routes = inSources(/"((?:GET|POST|PUT|PATCH|DELETE) \/[^"]+)"/g);
    expect(routes.size).toBeGreaterThan(25);
    expect([...audit.routes].sort()).toEqual([...routes, ...CLIENT_ROUTES].sort());
  });

  it("cover all GraphQL documents in the sources of the SDK", () => {
    const names = inSources(/^\s*(?:query|mutation) (\w+)\(/gm);
    expect([...audit.operations].sort()).toEqual([...names].sort());
    expect(names.size).toBeGreaterThan(4);
  });
});
