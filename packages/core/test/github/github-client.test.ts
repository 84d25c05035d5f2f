import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { GitHubSdkError, isGitHubSdkError } from "../../src/errors.js";
import type { Credential } from "../../src/github/credential.js";
import { createGitHubClients, type GitHubClients } from "../../src/github/github-clients.js";
import { memoryInUse } from "../node/memory-in-use.js";
import { ManualClock } from "./manual-clock.js";
import { ScriptedServer } from "./scripted-server.js";

const signal = new AbortController().signal;
const credential = (key: string): Credential => ({ key, kind: "user", token: async () => `token-of-${key}` });
const ok = { status: 200, body: { fine: true } };
const fine = z.object({ fine: z.boolean() });

let server: ScriptedServer;
let clock: ManualClock;
let clients: GitHubClients;

const connect = (apiUrl = server.url) =>
  createGitHubClients({ apiUrl, userAgent: "test", clock, retryBaseMs: 1, requestTimeoutMs: 50_000 });
const code = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
  } catch (error) {
    if (isGitHubSdkError(error)) return error.code;
    throw error;
  }
  return "none";
};
const failure = (promise: Promise<unknown>): Promise<GitHubSdkError> =>
  promise.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => (isGitHubSdkError(error) ? error : Promise.reject(error)),
  );

beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new ManualClock();
  clients = connect();
});
afterEach(async () => {
  await clients.close();
  await server.close();
});

describe("GitHubClient.request", () => {
  it("sends the credential, the pinned API version, and the route with its parameters", async () => {
    server.script({ status: 201, body: { sha: "abc" }, headers: { "x-oauth-scopes": "repo, workflow" } });
    const answer = await clients
      .for(credential("a"))
      .request("POST /repos/{owner}/{repo}/git/blobs", { owner: "o", repo: "r", content: "hé" }, { signal });
    expect(answer).toMatchObject({ status: 201, data: { sha: "abc" } });
    expect(answer.headers["x-oauth-scopes"]).toBe("repo, workflow");
    const [seen] = server.requests;
    expect(seen).toMatchObject({ method: "POST", path: "/repos/o/r/git/blobs", body: '{"content":"hé"}' });
    expect(seen?.headers).toMatchObject({
      authorization: "Bearer token-of-a",
      "x-github-api-version": "2022-11-28",
      "user-agent": expect.stringMatching(/^test /),
    });
  });

  it("asks the credential for its token before each attempt", async () => {
    server.script({ status: 502 }, ok);
    let asked = 0;
    const renewing = { key: "a", kind: "user", token: async () => `token-${++asked}` } as const;
    await clients.for(renewing).request("GET /user", {}, { signal });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  it("returns a response with an expected error status instead of throwing", async () => {
    server.script({ status: 404, body: { message: "Not Found" } }, { status: 304, headers: { etag: '"x"' } });
    const client = clients.for(credential("a"));
    expect((await client.request("GET /user", {}, { signal, expect: [404] })).status).toBe(404);
    expect((await client.request("GET /user", {}, { signal, expect: [304] })).headers.etag).toBe('"x"');
  });

  it("reads raw media types as bytes, also if the response names UTF-8", async () => {
    server.script({
      status: 200,
      text: "\u00ff",
      headers: { "content-type": "application/vnd.github.v3.raw; charset=utf-8" },
    });
    const { data } = await clients
      .for(credential("a"))
      .request("GET /raw", { mediaType: { format: "raw" } }, { signal });
    expect(data).toBeInstanceOf(ArrayBuffer);
    expect(server.requests[0]?.headers.accept).toBe("application/vnd.github.v3.raw");
  });

  it("throws the credential's own error when it has no token", async () => {
    const token = async () => {
      throw new GitHubSdkError("reauth_required", "gone");
    };
    expect(await code(clients.for({ key: "a", kind: "user", token }).request("GET /user", {}, { signal }))).toBe(
      "reauth_required",
    );
    expect(server.requests).toHaveLength(0);
  });
});

describe("retries of GitHubClient", () => {
  it.each([
    ["502", { status: 502 }],
    ["a closed connection", "reset"],
    ["a truncated body", "half"],
  ] as const)("retries a read after %s", async (_, fault) => {
    server.script(fault, fault, ok);
    expect((await clients.for(credential("a")).request("GET /user", {}, { signal })).data).toEqual({ fine: true });
    expect(server.requests).toHaveLength(3);
  });

  it("gives up after three retries", async () => {
    server.script({ status: 503, body: { message: "down" } });
    expect(await code(clients.for(credential("a")).request("GET /user", {}, { signal }))).toBe("github_unavailable");
    expect(server.requests).toHaveLength(4);
  });

  it("retries a content-addressed create, and no other write", async () => {
    server.script({ status: 500 }, { status: 500 }, ok);
    const client = clients.for(credential("a"));
    expect(await code(client.request("PATCH /ref", {}, { signal }))).toBe("github_unavailable");
    expect(server.requests).toHaveLength(1);
    await client.request("POST /blob", {}, { signal, retry: "safe" });
    expect(server.requests).toHaveLength(3);
  });

  it.each([400, 401, 403, 404, 409, 410, 422, 451])("does not retry a response with status %i", async (status) => {
    server.script({ status, body: { message: "no" } });
    await failure(clients.for(credential("a")).request("GET /repos/o/r", {}, { signal }));
    await failure(clients.for(credential("a")).request("POST /repos/o/r", {}, { signal, retry: "safe" }));
    expect(server.requests).toHaveLength(2);
  });

  it("sends a mutation once, whatever fails", async () => {
    for (const fault of ["reset", { status: 502 }, { status: 200, text: "<html>" }] as const) {
      const before = server.requests.length;
      server.answer = () => fault;
      expect(await code(clients.for(credential("a")).graphql("mutation { x }", {}, fine, { signal }))).toBe(
        "github_unavailable",
      );
      expect(server.requests).toHaveLength(before + 1);
    }
  });
});

describe("timeouts and cancellation of GitHubClient", () => {
  it("fails a request without a response in time, and does not retry it", async () => {
    server.script("hang");
    const error = failure(clients.for(credential("a")).request("GET /user", {}, { signal }));
    await server.received(1);
    clock.advance(50_000);
    expect((await error).code).toBe("github_timeout");
    expect(server.requests).toHaveLength(1);
  });

  it("ends a request immediately when the signal is aborted", async () => {
    server.script("hang");
    const controller = new AbortController();
    const reason = new GitHubSdkError("cancelled", "stop");
    const error = failure(clients.for(credential("a")).request("GET /user", {}, { signal: controller.signal }));
    await server.received(1);
    controller.abort(reason);
    expect(await error).toBe(reason);
  });

  it("sends no request when the signal was aborted before", async () => {
    const reason = new Error("over");
    const promise = clients.for(credential("a")).request("GET /user", {}, { signal: AbortSignal.abort(reason) });
    await expect(promise).rejects.toBe(reason);
    expect(server.requests).toHaveLength(0);
  });

  it("cancels all running requests when the clients are closed", async () => {
    server.script("hang");
    const error = failure(clients.for(credential("a")).request("GET /user", {}, { signal }));
    await server.received(1);
    await clients.close();
    expect((await error).code).toBe("cancelled");
    expect(await code(clients.for(credential("a")).request("GET /user", {}, { signal }))).toBe("cancelled");
  });
});

describe("redirects of GitHubClient", () => {
  it.each([301, 302, 307, 308])(
    "follows a redirect with status %i within the origin, with method and body",
    async (status) => {
      server.script(
        { status, headers: { location: "/repositories/1/git/blobs" } },
        { status: 201, body: { sha: "a" } },
      );
      const answer = await clients
        .for(credential("a"))
        .request("POST /repos/o/r/git/blobs", { content: "x" }, { signal });
      expect(answer.status).toBe(201);
      expect(server.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
        ["POST", "/repos/o/r/git/blobs", '{"content":"x"}'],
        ["POST", "/repositories/1/git/blobs", '{"content":"x"}'],
      ]);
      expect(server.requests[1]?.headers.authorization).toBe("Bearer token-of-a");
    },
  );

  it("does not follow a redirect to another origin", async () => {
    const other = await ScriptedServer.start();
    server.script({ status: 302, headers: { location: `${other.url}/user` } });
    const promise = clients.for(credential("a")).request("GET /user", {}, { signal });
    expect(await code(promise)).toBe("github_redirect_refused");
    expect(other.requests).toHaveLength(0);
    expect(server.requests).toHaveLength(1);
    await other.close();
  });

  it("stops following redirects that form a circle", async () => {
    server.script({ status: 301, headers: { location: "/user" } });
    expect(await code(clients.for(credential("a")).request("GET /user", {}, { signal }))).toBe(
      "github_redirect_refused",
    );
    expect(server.requests).toHaveLength(6);
  });
});

describe("rate limits of GitHubClient", () => {
  const limited = (headers: Record<string, string>, message = "API rate limit exceeded") => ({
    status: 403,
    headers,
    body: { message },
  });

  it.each([
    ["Retry-After", limited({ "retry-after": "7" }), 7000],
    ["Retry-After 0", limited({ "retry-after": "0" }), 1000],
    ["429", { ...limited({ "retry-after": "7" }), status: 429 }, 7000],
    [
      "the reset of the primary limit",
      limited({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000019" }),
      20_000,
    ],
    ["a secondary limit that does not say how long", limited({}, "You have exceeded a secondary rate limit."), 60_000],
  ])("waits for %s and sends the request again, also a write", async (_, answer, wait) => {
    server.script(answer, ok);
    const promise = clients.for(credential("a")).request("POST /repos/o/r/pulls", {}, { signal });
    await clock.sleeping(wait);
    clock.advance(wait - 1);
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    expect((await promise).data).toEqual({ fine: true });
    expect(server.requests).toHaveLength(2);
  });

  it("waits for a GraphQL rate limit with status 200, also on an Enterprise Server", async () => {
    await clients.close();
    clients = connect(`${server.url}/api/v3`);
    const body = { errors: [{ type: "RATE_LIMITED", message: "API rate limit exceeded" }] };
    server.script({ status: 200, headers: { "retry-after": "3" }, body }, { status: 200, body: { data: ok.body } });
    const promise = clients.for(credential("a")).graphql("mutation { x }", {}, fine, { signal });
    await clock.sleeping(3000);
    clock.advance(3000);
    expect(await promise).toEqual({ fine: true });
    expect(server.requests.map(({ path }) => path)).toEqual(["/api/graphql", "/api/graphql"]);
  });

  it.each<[form: string, body: object]>([
    ["the type RATE_LIMITED", { errors: [{ type: "RATE_LIMITED", message: "" }] }],
    [
      "the type RATE_LIMIT",
      { errors: [{ type: "RATE_LIMIT", message: "API rate limit already exceeded for user ID 1." }] },
    ],
    ["the code graphql_rate_limit", { errors: [{ code: "graphql_rate_limit", message: "" }] }],
    ["a code in the extensions", { errors: [{ message: "", extensions: { code: "graphql_rate_limit" } }] }],
    ["only a message", { errors: [{ message: "API rate limit exceeded for installation ID 5." }] }],
    ["a secondary limit", { errors: [{ message: "You have exceeded a secondary rate limit." }] }],
    ["a REST error in place of data", { message: "You have exceeded a secondary rate limit.", documentation_url: "" }],
  ])("recognizes a GraphQL rate limit with status 200 reported by %s", async (_, body) => {
    server.script({ status: 200, headers: { "retry-after": "3" }, body }, { status: 200, body: { data: ok.body } });
    const promise = clients.for(credential("a")).graphql("{ x }", {}, fine, { signal });
    await clock.sleeping(3000);
    clock.advance(3000);
    expect(await promise).toEqual({ fine: true });
  });

  it("does not treat a permission error of the last request within the limit as the rate limit", async () => {
    server.script(limited({ "x-ratelimit-remaining": "0" }, "Resource not accessible by integration"));
    expect(await code(clients.for(credential("a")).request("GET /user", {}, { signal }))).toBe(
      "insufficient_permissions",
    );
  });

  it("fails immediately when the wait would be too long, and sends no request until it is over", async () => {
    server.script(limited({ "retry-after": "61" }), ok);
    const client = clients.for(credential("a"));
    const error = await failure(client.request("GET /user", {}, { signal }));
    expect(error).toMatchObject({ code: "rate_limited", status: 429, details: { retryAfter: 61 } });
    clock.advance(0);
    expect((await failure(clients.for(credential("a")).graphql("{ x }", {}, fine, { signal }))).details).toEqual({
      retryAfter: 61,
    });
    expect(server.requests).toHaveLength(1);
    clock.advance(61_000);
    await client.request("GET /user", {}, { signal });
    expect(server.requests).toHaveLength(2);
  });

  it("pauses all requests of the credential, and no other credential's", async () => {
    server.answer = ({ headers }, index) =>
      index === 0 && headers.authorization === "Bearer token-of-a" ? limited({ "retry-after": "30" }) : ok;
    const a = clients.for(credential("a"));
    const first = a.request("GET /user", {}, { signal });
    await clock.sleeping(30_000);
    const others = [1, 2, 3].map(() => clients.for(credential("a")).request("GET /user", {}, { signal }));
    await clock.sleeping(30_000, 4);
    await clients.for(credential("b")).request("GET /user", {}, { signal });
    const seen = () => server.requests.map(({ headers }) => headers.authorization?.replace("Bearer token-of-", ""));
    expect(seen()).toEqual(["a", "b"]);
    clock.advance(30_000);
    await Promise.all([first, ...others]);
    expect(seen()).toEqual(["a", "b", "a", "a", "a", "a"]);
  });

  it("counts responses to concurrent requests as one limit, and waits longer when the limit continues", async () => {
    server.script(limited({}, "You have exceeded a secondary rate limit."));
    const client = clients.for(credential("a"));
    const both = [client.request("GET /a", {}, { signal }), client.request("GET /b", {}, { signal })].map(failure);
    await clock.sleeping(60_000, 2);
    clock.advance(60_000);
    const errors = await Promise.all(both);
    expect(errors.map((error) => [error.code, error.details.retryAfter])).toEqual([
      ["rate_limited", 120],
      ["rate_limited", 120],
    ]);
  });

  it("ends the wait as soon as the signal is aborted", async () => {
    server.script(limited({ "retry-after": "30" }));
    const controller = new AbortController();
    const promise = clients.for(credential("a")).request("GET /user", {}, { signal: controller.signal });
    await clock.sleeping(30_000);
    controller.abort(new Error("enough"));
    await expect(promise).rejects.toThrow("enough");
  });

  it("limits concurrent requests per credential, so that no tenant waits for another one", async () => {
    const release: (() => void)[] = [];
    server.answer = ({ headers }) =>
      headers.authorization === "Bearer token-of-b"
        ? ok
        : new Promise((resolve) => release.push(() => resolve({ status: 201, body: {} })));
    const a = clients.for(credential("a"));
    const writes = Array.from({ length: 12 }, () => a.request("POST /blob", {}, { signal }));
    await server.received(10);
    await clients.for(credential("b")).request("POST /blob", {}, { signal });
    expect(server.requests).toHaveLength(11);
    for (const answer of release.splice(0)) answer();
    await server.received(13);
    for (const answer of release.splice(0)) answer();
    await Promise.all(writes);
  });
});

describe("GitHubClient.graphql", () => {
  const graphql = (options = {}) =>
    clients.for(credential("a")).graphql("{ x }", { a: 1 }, fine, { signal, ...options });

  it("sends query and variables, passes on the headers, and parses the data", async () => {
    server.script({ status: 200, headers: { "x-oauth-scopes": "repo" }, body: { data: { fine: true, more: 1 } } });
    let scopes = "";
    expect(
      await graphql({ onHeaders: (headers: Record<string, string>) => (scopes = headers["x-oauth-scopes"] ?? "") }),
    ).toEqual({
      fine: true,
    });
    expect(scopes).toBe("repo");
    expect(server.requests[0]).toMatchObject({ path: "/graphql", body: '{"query":"{ x }","variables":{"a":1}}' });
  });

  it("throws on errors, except those about an optional field", async () => {
    const body = {
      data: { fine: true },
      errors: [{ type: "FORBIDDEN", message: "no", path: ["repository", "rules"] }],
    };
    server.script({ status: 200, body });
    expect(await graphql({ optionalFields: ["rules"] })).toEqual({ fine: true });
    expect(await code(graphql({ optionalFields: ["other"] }))).toBe("insufficient_permissions");
    expect(await code(graphql())).toBe("insufficient_permissions");
    server.script({
      status: 200,
      body: { data: null, errors: [{ type: "NOT_FOUND", message: "no", path: ["repository"] }] },
    });
    expect(await code(graphql({ optionalFields: ["rules"] }))).toBe("repository_not_found");
  });

  it.each([
    ["data of another shape", { body: { data: { fine: 1 } } }],
    ["no data", { body: {} }],
    ["null", { text: "null", headers: { "content-type": "application/json" } }],
    ["no JSON", { text: "{", headers: { "content-type": "application/json" } }],
    ["nothing", { text: "" }],
  ])("rejects %s as a response that cannot be read, not as an unreachable GitHub", async (_, answer) => {
    server.script({ status: 200, ...answer });
    const error = await failure(graphql());
    expect(error).toMatchObject({ code: "github_unavailable", message: expect.stringContaining("cannot be read") });
  });
});

describe("response size limits of GitHubClient", () => {
  it("stops reading an endless JSON response at 32 MiB", async () => {
    server.script("endless");
    const before = memoryInUse();
    const error = await failure(clients.for(credential("a")).request("GET /user", {}, { signal }));
    expect(error).toMatchObject({
      code: "github_unavailable",
      message: expect.stringContaining("larger than 32 MiB"),
      details: { maxBytes: 32 * 1024 * 1024 },
    });
    expect(memoryInUse() - before).toBeLessThan(100 * 1024 * 1024);
    expect(server.requests).toHaveLength(1);
  });

  it("stops reading an endless response of a git server", async () => {
    await clients.close();
    clients = createGitHubClients({ apiUrl: server.url, serverUrl: server.url, userAgent: "test", clock });
    server.script("endless");
    const error = await failure(clients.for(credential("a")).git({ repository: "o/r", body: null }, signal));
    expect(error).toMatchObject({ code: "github_unavailable", details: { maxBytes: 4 * 1024 * 1024 } });
  });
});

describe("errors of GitHubClient", () => {
  it("contain GitHub's text only in their cause, and neither tokens nor file contents", async () => {
    server.script({ status: 422, body: { message: "internal words" }, headers: { "x-github-request-id": "R1" } });
    const promise = clients.for(credential("a")).request("POST /repos/o/r/x", { content: "file content" }, { signal });
    const error = await failure(promise);
    expect(error).toMatchObject({ code: "github_rejected", details: { githubStatus: 422, requestId: "R1" } });
    expect(error.message).not.toContain("internal words");
    expect(String(error.cause)).toContain("internal words");
    const everything = JSON.stringify([error, error.cause, (error.cause as Error).stack]);
    expect(everything).not.toContain("file content");
    expect(everything).not.toContain("token-of-a");
  });

  it("report an unreachable server without the request's content", async () => {
    await server.close();
    const error = await failure(clients.for(credential("a")).request("POST /x", { content: "file" }, { signal }));
    expect(error.code).toBe("github_unavailable");
    expect(JSON.stringify(error.cause)).not.toContain("file");
    server = await ScriptedServer.start();
  });
});
