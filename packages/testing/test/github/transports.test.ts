import { setupServer } from "msw/node";
import { afterAll, describe, expect, it } from "vitest";
import { createGitHubBox, type GitHubBox } from "../../src/index.js";
import { type ApiResponse, apiClient } from "./api-client.js";
import { requestEveryRoute, type SentRequest } from "./rest-requests.js";

const boxes: GitHubBox[] = [];
afterAll(async () => {
  for (const box of boxes) await box.close();
});

/** Sends all requests to a new box and returns the responses without addresses and random values. */
async function responsesThrough(
  open: (box: GitHubBox) => Promise<{ send: (request: Request) => Promise<Response>; root: string; done: () => void }>,
): Promise<unknown[]> {
  const box = await createGitHubBox({ clock: () => Date.parse("2026-02-03T04:05:06Z") });
  boxes.push(box);
  box.addOrganization({ login: "acme", admins: ["octocat"] });
  const { send, root, done } = await open(box);
  const client = (token?: string) => apiClient(box, token, send, root);
  const clients = {
    user: client(box.addToken({ login: "octocat" })),
    reader: client(box.addToken({ login: "reader" })),
    app: client(box.addToken({ login: "octocat", kind: "installation", permissions: { contents: "read" } })),
    stranger: client(),
  };
  const seen: unknown[] = [];
  await requestEveryRoute(box, clients, (request, response) => void seen.push(comparable(root, request, response)));
  done();
  return seen;
}

const TRANSPORT = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "x-github-request-id",
  "etag",
]);

function comparable(root: string, { method, path }: SentRequest, { status, headers, body }: ApiResponse): unknown {
  const server = root.replace(/\/api\/v3$/, "");
  const host = new URL(server).host;
  const isPublic = host === "api.github.com";
  const neutral = (text: string): string =>
    isPublic
      ? text
      : text
          .replaceAll(root, "https://api.github.com")
          .replaceAll(`${server}/raw`, "https://raw.githubusercontent.com")
          .replaceAll(server, "https://github.com")
          .replaceAll(host, "github.com");
  const kept = [...headers].filter(([name]) => !TRANSPORT.has(name));
  return JSON.parse(neutral(JSON.stringify({ method, path, status, headers: Object.fromEntries(kept), body })));
}

describe("GitHubBox", () => {
  it("responds equally through msw, the HTTP server and box.fetch", async () => {
    const direct = await responsesThrough(async (box) => ({
      send: box.fetch,
      root: "https://api.github.com",
      done: () => undefined,
    }));
    const throughMsw = await responsesThrough(async (box) => {
      const msw = setupServer(...box.handlers());
      msw.listen({ onUnhandledRequest: "error" });
      return { send: fetch, root: "https://api.github.com", done: () => msw.close() };
    });
    const overHttp = await responsesThrough(async (box) => {
      const server = await box.listen();
      return { send: fetch, root: server.apiUrl, done: () => undefined };
    });
    expect(direct.length).toBeGreaterThan(100);
    expect(throughMsw).toEqual(direct);
    expect(overHttp).toEqual(direct);
  });
});
