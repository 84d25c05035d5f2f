import { type Clock, createGitHubSdk, type SyncRequest, systemClock } from "@infrajet/github";
import { type MemoryFileTree, MemoryProjectFiles } from "@infrajet/github/memory";
import { createGitHubBox, type GitHubBox } from "@infrajet/github-testing";
import { afterEach, expect, it, vi } from "vitest";
import { OpenApi } from "./openapi.js";

afterEach(() => vi.unstubAllGlobals());

const project = { userId: "1", projectId: "p" };
/** The pauses between two looks take no time. */
const clock: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms < 20_000 ? 0 : ms, signal) };

/** Holds every REST exchange with the box against GitHub's description, and collects what does not fit. */
function watch(box: GitHubBox, openApi: OpenApi, routes: Set<string>, problems: string[]): void {
  const original = globalThis.fetch;
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const response = await original(url, init);
    const route = box.requests.at(-1)?.route ?? "";
    const isRaw = String(new Headers(init.headers).get("accept")).includes("raw");
    if (route === "POST /graphql" || isRaw || response.status >= 300) return response;
    routes.add(route);
    const requestBody = typeof init.body === "string" ? JSON.parse(init.body) : {};
    const responseBody = await response.clone().json();
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
  const sdk = createGitHubSdk({ auth: token, apiUrl: server.apiUrl, projectFiles: files, clock, retryPause: 1 });
  const routes = new Set<string>();
  const problems: string[] = [];
  watch(box, new OpenApi(), routes, problems);
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
