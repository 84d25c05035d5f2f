import { createGitHubSdk, type Logger } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { githubPlugin } from "@infrajet/github-fastify";
import Fastify from "fastify";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

/** Sends a request that fails, and resolves to the messages that the app, the SDK's logger and the console received. */
async function logsOf(given: { readonly appLogs: boolean; readonly sdk?: Logger }) {
  const lines: string[] = [];
  const onConsole = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const stream = { write: (line: string) => void lines.push(line) };
  const app = Fastify(given.appLogs ? { logger: { stream, level: "warn" } } : {});
  const sdk = createGitHubSdk({
    auth: "unused",
    projectFiles: new MemoryProjectFiles(),
    ...(given.sdk === undefined ? {} : { logger: given.sdk }),
  });
  const authenticator = { authenticate: () => Promise.reject(new Error("the session store is down")) };
  await app.register(githubPlugin, { sdk, authenticator, sharedCredential: true, realtime: false });
  expect((await app.inject("/api/v1/github/sync/metrics")).statusCode).toBe(500);
  await Promise.all([app.close(), sdk.close()]);
  return { app: lines.map((line) => JSON.parse(line)), console: onConsole.mock.calls.map(([message]) => message) };
}

it("logs failures of the SDK to the app's logger with their fields", async () => {
  const logs = await logsOf({ appLogs: true });
  expect(logs.app).toEqual([
    expect.objectContaining({
      msg: "A request failed.",
      path: "/api/v1/github/sync/metrics",
      error: expect.objectContaining({ message: "the session store is down" }),
    }),
  ]);
  expect(logs.console).toEqual([]);
});

it("logs failures of the SDK to console when the app logs nothing", async () => {
  expect(await logsOf({ appLogs: false })).toEqual({ app: [], console: ["[infrajet-github] A request failed."] });
});

it("logs failures of the SDK to the logger of its options", async () => {
  const error = vi.fn();
  const sdk = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error };
  expect(await logsOf({ appLogs: true, sdk })).toEqual({ app: [], console: [] });
  expect(error).toHaveBeenCalledWith("A request failed.", expect.objectContaining({ method: "GET" }));
});
