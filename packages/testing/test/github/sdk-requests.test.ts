import { randomBytes } from "node:crypto";
import { createGitHubSdk, type SyncRequest, silentLogger } from "@infrajet/github";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import { type MemoryFileTree, MemoryProjectFiles } from "@infrajet/github/memory";
import { createGitHubBox, type GitHubBox, type RecordedRequest } from "@infrajet/github-testing";
import { afterEach, expect, it, vi } from "vitest";
import { OpenApi } from "./openapi.js";

// Reading the description takes a while.
const openApi = new OpenApi();
afterEach(() => vi.unstubAllGlobals());

const project = { userId: "1", projectId: "p" };
/** The pauses between two looks take no time. */
const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms < 5_000 ? 0 : ms, signal) };

/** Holds every REST exchange with the box against GitHub's description, and collects what does not fit. */
function watch(box: GitHubBox, routes: Set<string>, problems: string[]): void {
  const original = globalThis.fetch;
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const response = await original(url, init);
    const { pathname } = new URL(url);
    const isThis = (request: RecordedRequest) => request.method === init.method && pathname.endsWith(request.path);
    const route = box.requests.findLast(isThis)?.route ?? "";
    const isRaw = String(new Headers(init.headers).get("accept")).includes("raw");
    // GitHub's description of its REST API has no GraphQL, no OAuth, and nothing of git's own protocol.
    if (pathname.includes(".git/")) return response;
    if (route === "POST /graphql" || route.includes("/login/") || isRaw || response.status >= 300) return response;
    routes.add(route);
    const requestBody = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const text = await response.clone().text();
    const responseBody = text === "" ? undefined : JSON.parse(text);
    problems.push(...openApi.problems({ route, requestBody, status: response.status, responseBody }));
    return response;
  });
}

it("what the SDK sends, and what the box answers to it, is as GitHub describes it", { timeout: 60_000 }, async () => {
  const box = await createGitHubBox();
  const token = box.addToken({ login: "octo" });
  await box.createRepository({ owner: "octo", name: "project", autoInit: true });
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
  const routes = new Set<string>();
  const problems: string[] = [];
  watch(box, routes, problems);
  const sync = async (tree: MemoryFileTree, request: Partial<SyncRequest> = {}): Promise<void> => {
    files.setProject(project, tree);
    const record = await sdk.sync.run({ project, repository: "octo/project", writer: "git-data", ...request });
    expect(record).toMatchObject({ status: "completed", error: null });
  };

  const tree = { "a.txt": "a", "b.bin": new Uint8Array([0, 1]), "c.sh": { content: "#!", mode: "100755" } } as const;
  await sync(tree);
  await sync(tree, { repository: "octo/new" });
  // The answer to the only file of an empty repository is lost: the branch is searched for it.
  box.control.fault({ method: "PUT", path: /\/contents\//, when: "after", respond: "reset" });
  await sync({ "a.txt": "a" }, { repository: "octo/empty" });
  box.control.fault({ operation: "createCommitOnBranch", when: "after", respond: "reset" });
  await sync({ ...tree, "a.txt": "b" }, { writer: "graphql" });
  box.control.disableMutation("updateRefs");
  await sync({ ...tree, "a.txt": "c" });
  await sync({ ...tree, "a.txt": "d" }, { strategy: "pull_request" });

  expect(problems).toEqual([]);
  expect([...routes].sort()).toEqual([
    "GET /repos/{owner}/{repo}/commits",
    "GET /repos/{owner}/{repo}/compare/{basehead}",
    "GET /repos/{owner}/{repo}/git/ref/{ref}",
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}",
    "POST /repos/{owner}/{repo}/git/blobs",
    "POST /repos/{owner}/{repo}/git/commits",
    "POST /repos/{owner}/{repo}/git/refs",
    "POST /repos/{owner}/{repo}/git/trees",
    "POST /repos/{owner}/{repo}/pulls",
    "PUT /repos/{owner}/{repo}/contents/{path}",
  ]);
  await sdk.close();
  await box.close();
});

it("also where it connects accounts, acts as an App and takes webhooks", { timeout: 60_000 }, async () => {
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
  });
  const routes = new Set<string>();
  const problems: string[] = [];
  watch(box, routes, problems);
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
  const installationId = box.install(app, { account: "acme" }).id;
  const own = box.install(app, { account: "ann" }).id;
  await sdk.app.createRepository({ ...user, installationId, name: "infra" });
  await sdk.app.createRepository({ ...user, installationId: own, name: "notes" });
  const files = { "a.txt": "a" };
  await sdk.app.push({ ...user, installationId, repository: "acme/infra", message: "Begin", files });
  const userToken = await (await connections.credential("7", "app")).token();
  await sdk.app.validateAccess({ userToken, installationId, repository: "acme/infra" });
  await sdk.app.health();
  await connections.repositories("7");
  await connections.repository("7", "acme/infra");
  box.renameRepository(box.repository("acme", "infra") ?? expect.fail("it was made"), "platform");
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

  expect(problems).toEqual([]);
  // Whether the branch is searched for a push depends on how soon its answer is there; the test above has that request.
  routes.delete("GET /repos/{owner}/{repo}/compare/{basehead}");
  expect([...routes].sort()).toEqual([
    "DELETE /applications/{client_id}/grant",
    "DELETE /applications/{client_id}/token",
    "GET /app",
    "GET /app/hook/deliveries",
    "GET /app/installations/{installation_id}",
    "GET /installation/repositories",
    "GET /orgs/{org}/memberships/{username}",
    "GET /repos/{owner}/{repo}",
    "GET /user",
    "GET /user/installations",
    "GET /user/installations/{installation_id}/repositories",
    "GET /user/memberships/orgs/{org}",
    "GET /user/repos",
    "POST /app/hook/deliveries/{delivery_id}/attempts",
    "POST /app/installations/{installation_id}/access_tokens",
    "POST /applications/{client_id}/token",
    "POST /orgs/{org}/repos",
    "POST /user/repos",
  ]);
  await sdk.close();
  await box.close();
});
