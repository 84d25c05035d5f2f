import { createGitHubHttp, type GitHubHttp, type GitHubHttpOptions } from "@infrajet/github/http";
import { MemoryAuthenticator } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROJECT, SyncFixture } from "../sync/sync-fixture.js";

const BASE = "https://host.example/api/v1/github";
const SYNC = { project_id: PROJECT.projectId, repository_full_name: "ada/infra" };
const users = { ada: { id: 7 }, bob: { id: "8" }, spy: { id: "app:5" } };

let fixture: SyncFixture;
const logged: string[] = [];

beforeEach(async () => {
  logged.length = 0;
  const log = (...entry: unknown[]): void => void logged.push(JSON.stringify(entry));
  const logger = { debug: log, info: log, warn: log, error: log };
  fixture = await SyncFixture.create({ files: { "main.tf": "terraform {}\n" }, sdk: { logger } });
});
afterEach(() => fixture.close());

function endpoints(options: Partial<GitHubHttpOptions> = {}): GitHubHttp {
  return createGitHubHttp(fixture.sdk, {
    authenticator: new MemoryAuthenticator(users),
    sharedCredential: true,
    ...options,
  });
}

interface Asked {
  readonly user?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

function ask(http: GitHubHttp, method: string, path: string, { user = "ada", body, headers, signal }: Asked = {}) {
  const all = { authorization: `Bearer ${user}`, "content-type": "application/json", ...headers };
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  return http.fetch(
    new Request(`${BASE}${path}`, { method, headers: all, ...content, ...(signal === undefined ? {} : { signal }) }),
  );
}

/** Returns the body of a response. */
async function jsonOf(answer: Promise<Response>): Promise<Record<string, unknown>> {
  return (await (await answer).json()) as Record<string, unknown>;
}

/** Delays GitHub's responses. `asked` resolves when GitHub received a request. */
function holdGitHub(): { readonly asked: Promise<void>; release(): void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let tell = (): void => {};
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const undo = fixture.box.control.beforeRequest(async ({ operation }) => {
    if (operation !== "createCommitOnBranch") return;
    tell();
    await released;
  });
  return {
    asked,
    release() {
      undo();
      release();
    },
  };
}

describe("POST /sync/project with a sync that takes longer than the wait", () => {
  it("returns in_progress while the sync continues, and GET /sync/status returns its result", async () => {
    const http = endpoints({ syncWaitSeconds: 0 });
    const github = holdGitHub();
    const begun = await jsonOf(ask(http, "POST", "/sync/project", { body: { ...SYNC, wait: 60 } }));
    expect(begun).toMatchObject({ status: expect.stringMatching(/^(pending|in_progress)$/), completed_at: null });
    await github.asked;
    const running = await jsonOf(ask(http, "GET", `/sync/status/${PROJECT.projectId}`));
    expect(running).toMatchObject({ status: "in_progress", progress: { sync_id: begun.sync_id, phase: "writing" } });
    github.release();
    await fixture.sdk.sync.wait(Number(begun.sync_id));
    const ended = await jsonOf(ask(http, "GET", `/sync/status/${PROJECT.projectId}`));
    expect(ended).toMatchObject({ status: "completed", total_syncs: 1, progress: null });
  });

  it("continues the sync when the client disconnects", async () => {
    const http = endpoints();
    const github = holdGitHub();
    const client = new AbortController();
    const answer = ask(http, "POST", "/sync/project", { body: SYNC, signal: client.signal });
    await github.asked;
    client.abort();
    await answer;
    github.release();
    const [record] = (await fixture.sdk.sync.history(PROJECT)).records;
    expect((await fixture.sdk.sync.wait(record?.id ?? 0)).status).toBe("completed");
    expect(logged.join("\n")).not.toContain("A request failed");
  });

  it("waits no longer than the client's wait", async () => {
    const http = endpoints();
    const github = holdGitHub();
    const begun = await jsonOf(ask(http, "POST", "/sync/project", { body: { ...SYNC, wait: 0.01 } }));
    expect(begun.completed_at).toBeNull();
    github.release();
    await fixture.sdk.sync.wait(Number(begun.sync_id));
  });
});

describe("authentication of requests", () => {
  it("keeps users apart and rejects a user id of the form app:NUMBER", async () => {
    const http = endpoints();
    const sync = await jsonOf(ask(http, "POST", "/sync/project", { body: SYNC }));
    const retry = { sync_record_id: Number(sync.sync_id) };
    expect((await ask(http, "POST", "/sync/retry", { user: "bob", body: retry })).status).toBe(404);
    expect((await ask(http, "GET", `/sync/history/${PROJECT.projectId}`, { user: "bob" })).status).toBe(404);
    const metrics = await jsonOf(ask(http, "GET", "/sync/metrics", { user: "bob" }));
    expect(metrics).toMatchObject({ user_id: 8, total_syncs: 0 });
    expect((await ask(http, "GET", "/sync/metrics", { user: "spy" })).status).toBe(401);
  });

  it("uses the host's authorizeProject for each project", async () => {
    const asked: unknown[] = [];
    const authorizeProject: GitHubHttpOptions["authorizeProject"] = (user, projectId) => {
      asked.push([user.id, projectId]);
      return projectId === "shared";
    };
    const http = endpoints({ authorizeProject });
    expect((await ask(http, "GET", "/sync/history/shared")).status).toBe(200);
    expect((await ask(http, "GET", `/sync/status/${PROJECT.projectId}`)).status).toBe(404);
    expect((await ask(http, "POST", "/sync/project", { body: SYNC })).status).toBe(404);
    expect((await ask(http, "GET", "/sync/history/a%2Fb")).status).toBe(422);
    expect(asked).toEqual([
      [7, "shared"],
      [7, PROJECT.projectId],
      [7, PROJECT.projectId],
    ]);
  });

  it("returns 500 without details when the authenticator fails, and logs the cause without the query", async () => {
    const authenticate = () => Promise.reject(new Error("redis://user:hunter2@10.0.0.1 is down"));
    const answer = await ask(
      endpoints({ authenticator: { authenticate } }),
      "GET",
      "/connection/status?token=secret-1",
    );
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ detail: expect.stringMatching(/host.s log/), code: "internal_error" });
    expect(logged.join("\n")).toContain("is down");
    expect(logged.join("\n")).not.toMatch(/hunter2|secret-1/);
  });
});

describe("methods of an endpoint", () => {
  it("returns 405 with Allow for a method that the path does not have", async () => {
    const http = endpoints();
    const wrong = await ask(http, "DELETE", "/repositories");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD, POST, OPTIONS"]);
    const preflight = await ask(http, "OPTIONS", "/sync/project");
    expect([preflight.status, preflight.headers.get("allow")]).toEqual([204, "POST, OPTIONS"]);
    expect((await ask(http, "GET", "/nothing")).status).toBe(404);
  });

  it("responds to HEAD as to GET without the body", async () => {
    const answer = await ask(endpoints(), "HEAD", "/sync/metrics");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(await answer.text()).toBe("");
  });
});

it("createGitHubHttp names each invalid option", () => {
  for (const [options, words] of [
    [{ afterConnectUrl: "//evil.example" }, /afterConnectUrl: must be a URL/],
    [{ afterConnectUrl: "javascript:alert(1)" }, /afterConnectUrl/],
    [{ basePath: "api" }, /basePath: must be a path/],
    [{ syncWaitSeconds: -1 }, /syncWaitSeconds/],
    [{ bodyLimit: 0.5 }, /bodyLimit/],
  ] as const) {
    expect(() => endpoints(options)).toThrow(words);
  }
  expect(() => createGitHubHttp(fixture.sdk, {} as GitHubHttpOptions)).toThrow(/authenticator is missing/);
});
