import { setupServer } from "msw/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BoxRepository, createGitHubBox, type GitHubBox } from "../../../src/index.js";
import { type Api, apiClient, graphql } from "../api-client.js";

let box: GitHubBox;
let api: Api;
let repository: BoxRepository;
let now = Date.parse("2026-01-01T00:00:00Z");
const at = "/repos/octocat/hello";
const REF = "GET /repos/{owner}/{repo}/git/ref/{ref}";

beforeEach(async () => {
  box = await createGitHubBox({ clock: () => now });
  api = apiClient(box, box.addToken({ login: "octocat" }));
  repository = await box.createRepository({ owner: "octocat", name: "hello", autoInit: true });
});
afterEach(() => box.close());

const put = (name: string): ReturnType<Api> => api("PUT", `${at}/contents/${name}`, { message: name, content: "eA==" });
const readHead = async (): Promise<string> => (await api("GET", `${at}/git/ref/heads/main`)).body.object.sha;

describe("control.fault", () => {
  it("replaces the effect of one request with when: before", async () => {
    box.control.fault({
      method: "PUT",
      path: "/repos/{owner}/{repo}/contents/{path}",
      when: "before",
      respond: { status: 502, body: "<html>", headers: { "x-test": "1" } },
    });
    const before = await repository.head();
    const response = await put("a");
    expect(response).toMatchObject({ status: 502, body: "<html>" });
    expect(response.headers.get("x-test")).toBe("1");
    expect(await repository.head()).toBe(before);
    expect((await put("a")).status).toBe(201);
  });

  it("loses the response but keeps the effect with when: after", async () => {
    box.control.fault({ path: /\/contents\//, times: 2, when: "after", respond: "reset" });
    const before = await repository.head();
    await expect(put("a")).rejects.toThrow("fetch failed");
    expect(await repository.head()).not.toBe(before);
    await expect(put("b")).rejects.toThrow("fetch failed");
    expect((await put("c")).status).toBe(201);
    expect((await repository.log()).length).toBe(4);
    expect(box.requests.map(({ status }) => status)).toEqual([0, 0, 201]);
  });

  it("applies to a GraphQL operation", async () => {
    box.control.fault({ operation: "updateRefs", when: "before", respond: { status: 503 } });
    const query = 'mutation { updateRefs(input: { repositoryId: "x", refUpdates: [] }) { clientMutationId } }';
    expect((await graphql(api, "{ viewer { login } }")).status).toBe(200);
    expect((await graphql(api, query)).status).toBe(503);
    expect((await graphql(api, query)).status).toBe(200);
  });

  it("hangs until the caller aborts the request", async () => {
    const server = await box.listen();
    box.control.fault({ path: "/user", when: "before", respond: "hang" });
    const gaveUp = fetch(`${server.apiUrl}/user`, { signal: AbortSignal.timeout(50) });
    await expect(gaveUp).rejects.toThrow(/timeout|abort/i);
  });

  it("resets the connection over HTTP and makes fetch fail through msw", async () => {
    const server = await box.listen();
    box.control.fault({ path: "/user", times: 2, when: "before", respond: "reset" });
    await expect(fetch(`${server.apiUrl}/user`)).rejects.toThrow("fetch failed");
    const msw = setupServer(...box.handlers());
    msw.listen({ onUnhandledRequest: "bypass" });
    await expect(fetch("https://api.github.com/user")).rejects.toThrow("Failed to fetch");
    msw.close();
  });

  it("does not apply after it is removed", async () => {
    box.control.fault({ path: "/user", when: "before", respond: { status: 500 } })();
    expect((await api("GET", "/user")).status).toBe(200);
  });
});

describe("hooks and latency of control", () => {
  it("beforeRequest can commit as another user between two requests", async () => {
    for (const position of [0, 1, 2, 3]) {
      box.resetCounters();
      const start = await repository.head();
      const remove = box.control.beforeRequest(async (_, index) => {
        if (index === position) await repository.commit({ files: { [`theirs-${position}`]: "x" } });
      });
      const head = await readHead();
      const tree = await api("POST", `${at}/git/trees`, {
        base_tree: head,
        tree: [{ path: `ours-${position}`, mode: "100644", type: "blob", content: "x" }],
      });
      const made = await api("POST", `${at}/git/commits`, { message: "Ours", tree: tree.body.sha, parents: [head] });
      const moved = await api("PATCH", `${at}/git/refs/heads/main`, { sha: made.body.sha });
      remove();
      expect(head === start).toBe(position > 0);
      expect(moved).toMatchObject(
        position === 0 ? { status: 200 } : { status: 422, body: { message: "Update is not a fast forward" } },
      );
      expect((await repository.files()).has(`theirs-${position}`)).toBe(true);
    }
  });

  it("afterRequest runs after the effect with the status", async () => {
    const statuses: [string, number, string | null][] = [];
    box.control.afterRequest(async ({ route, status }) => {
      statuses.push([route, status, await repository.head()]);
    });
    await put("a");
    expect(statuses).toEqual([["PUT /repos/{owner}/{repo}/contents/{path}", 201, await repository.head()]]);
  });

  it("latency delays requests by a function of the request", async () => {
    box.control.latency(({ method }) => (method === "GET" ? 30 : 0));
    const start = performance.now();
    await Promise.all([readHead(), readHead(), readHead()]);
    const waited = performance.now() - start;
    expect(waited).toBeGreaterThanOrEqual(29);
    box.control.latency(0);
  });
});

describe("box.requests", () => {
  it("records route, path, operation, login and bytes of each request", async () => {
    await readHead();
    await put("a");
    await graphql(api, "query Me { viewer { login } }");
    await apiClient(box)("GET", "/user");
    expect(box.requests).toMatchObject([
      {
        index: 0,
        method: "GET",
        route: REF,
        path: `${at}/git/ref/heads/main`,
        login: "octocat",
        status: 200,
        bytesIn: 0,
      },
      { index: 1, method: "PUT", status: 201, createsContent: true },
      { index: 2, route: "POST /graphql", operation: "viewer", createsContent: false },
      { index: 3, route: "GET /user", status: 401 },
    ]);
    expect(box.requests[3]).not.toHaveProperty("login");
    expect(box.requests[1]?.bytesIn).toBe(JSON.stringify({ message: "a", content: "eA==" }).length);
    expect(box.requests[0]?.bytesOut).toBeGreaterThan(200);
    expect([box.count(), box.count(REF), box.count("POST /graphql"), box.count("viewer")]).toEqual([4, 1, 1, 1]);
    expect(box.contentCreatingRequests).toBe(1);
    box.resetCounters();
    expect(box.count()).toBe(0);
  });
});

describe("rate limits of control", () => {
  it("does not refuse requests by default, but counts them in the headers", async () => {
    const first = await api("GET", "/user");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("4999");
    for (let index = 0; index < 70; index += 1) {
      const { status } = await apiClient(box)("GET", "/users/octocat");
      expect(status).toBe(200);
    }
  });

  it("primaryRateLimit refuses with 403 until the window ends, and does not count 304 responses and /rate_limit", async () => {
    box.control.primaryRateLimit({ limit: 3, windowSeconds: 60 });
    const { headers } = await api("GET", `${at}/git/ref/heads/main`);
    const etag = headers.get("etag") ?? "";
    const unchanged = await api("GET", `${at}/git/ref/heads/main`, undefined, { "if-none-match": etag });
    expect(unchanged.status).toBe(304);
    expect(unchanged.headers.get("x-ratelimit-remaining")).toBe("2");
    await api("GET", "/user");
    await api("GET", "/user");
    const refused = await api("GET", "/user");
    expect(refused.status).toBe(403);
    expect(refused.body.message).toMatch(/^API rate limit exceeded for user ID \d+\.$/);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    const reset = Number(refused.headers.get("x-ratelimit-reset"));
    expect(reset * 1000).toBe(now + 60_000);
    const budget = await api("GET", "/rate_limit");
    expect(budget.body.resources.core).toMatchObject({ limit: 3, remaining: 0 });
    // GraphQL has a separate budget.
    expect((await graphql(api, "{ viewer { login } }")).body.data.viewer.login).toBe("octocat");
    now += 60_000;
    expect((await api("GET", "/user")).status).toBe(200);
  });

  it("primaryRateLimit responds to GraphQL with 200 and RATE_LIMITED", async () => {
    box.control.primaryRateLimit({ limit: 1 });
    await graphql(api, "{ viewer { login } }");
    const refused = await graphql(api, "{ viewer { login } }");
    expect(refused).toMatchObject({ status: 200, body: { errors: [{ type: "RATE_LIMITED" }] } });
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(refused.headers.get("x-ratelimit-resource")).toBe("graphql");
  });

  it("secondaryRateLimit limits content-creating requests and points per minute, with or without Retry-After", async () => {
    box.control.secondaryRateLimit({ contentPerMinute: 2, retryAfter: 7, status: 429 });
    expect([(await put("a")).status, (await put("b")).status]).toEqual([201, 201]);
    const refused = await put("c");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("7");
    expect(refused.body.message).toMatch(
      /secondary rate limit and have been temporarily blocked from content creation/,
    );
    expect((await api("GET", "/user")).status).toBe(200);
    now += 60_000;
    expect((await put("c")).status).toBe(201);
    box.control.secondaryRateLimit({ pointsPerMinute: 0 });
    const read = await api("GET", "/user");
    expect(read).toMatchObject({ status: 403, body: { message: expect.stringMatching(/Please wait a few minutes/) } });
    expect(read.headers.has("retry-after")).toBe(false);
    box.control.secondaryRateLimit({ pointsPerMinute: 0, graphqlAs200: true });
    const query = await graphql(api, "{ viewer { login } }");
    expect(query).toMatchObject({ status: 200, body: { errors: [{ message: expect.stringMatching(/secondary/) }] } });
    box.control.secondaryRateLimit(undefined);
    expect((await api("GET", "/user")).status).toBe(200);
  });
});

describe("staleReads and treeLimit of control", () => {
  it("staleReads returns old refs to reads, but not to writes", async () => {
    const before = await repository.head();
    box.control.staleReads(2);
    const written = await put("a");
    expect(written.status).toBe(201);
    const after = written.body.commit.sha;
    expect(await repository.head()).toBe(after);
    expect(await readHead()).toBe(before);
    const query = '{ repository(owner: "octocat", name: "hello") { defaultBranchRef { target { oid } } } }';
    expect((await graphql(api, query)).body.data.repository.defaultBranchRef.target.oid).toBe(before);
    expect(await readHead()).toBe(after);
    await api("POST", `${at}/git/refs`, { ref: "refs/heads/new", sha: after });
    expect((await api("GET", `${at}/git/ref/heads/new`)).status).toBe(404);
    expect((await api("POST", `${at}/git/refs`, { ref: "refs/heads/new", sha: after })).status).toBe(422);
    expect((await api("GET", `${at}/branches`)).body).toHaveLength(2);
  });

  it("treeLimit truncates recursive trees by entries and bytes", async () => {
    await repository.commit({ files: Object.fromEntries(["a/1", "a/2", "b/1"].map((path) => [path, path])) });
    box.control.treeLimit(3);
    const { body } = await api("GET", `${at}/git/trees/main?recursive=1`);
    expect(body).toMatchObject({ truncated: true, tree: [{ path: "README.md" }, { path: "a" }, { path: "a/1" }] });
    box.control.treeLimit(100, 700);
    expect((await api("GET", `${at}/git/trees/main?recursive=1`)).body).toMatchObject({ truncated: true });
    box.control.treeLimit(100, 7_000);
    expect((await api("GET", `${at}/git/trees/main?recursive=1`)).body).toMatchObject({ truncated: false });
  });
});
