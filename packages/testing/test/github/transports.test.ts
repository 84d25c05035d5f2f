import { setupServer } from "msw/node";
import { afterAll, expect, test } from "vitest";
import { createGitHubBox, type GitHubBox } from "../../src/index.js";
import { type ApiAnswer, apiClient } from "./api-client.js";
import { requestEveryRoute, type Stop } from "./rest-requests.js";

const boxes: GitHubBox[] = [];
afterAll(async () => {
  for (const box of boxes) await box.close();
});

/** Takes the tour on a new box; answers are made comparable by taking the addresses and what is random out of them. */
async function answers(
  door: (box: GitHubBox) => Promise<{ send: (request: Request) => Promise<Response>; root: string; done: () => void }>,
): Promise<unknown[]> {
  const box = await createGitHubBox({ clock: () => Date.parse("2026-02-03T04:05:06Z") });
  boxes.push(box);
  box.addOrganization({ login: "acme", admins: ["octocat"] });
  const { send, root, done } = await door(box);
  const client = (token?: string) => apiClient(box, token, send, root);
  const clients = {
    user: client(box.addToken({ login: "octocat" })),
    reader: client(box.addToken({ login: "reader" })),
    app: client(box.addToken({ login: "octocat", kind: "installation", permissions: { contents: "read" } })),
    stranger: client(),
  };
  const seen: unknown[] = [];
  await requestEveryRoute(box, clients, (stop, answer) => void seen.push(comparable(root, stop, answer)));
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

function comparable(root: string, { method, path }: Stop, { status, headers, body }: ApiAnswer): unknown {
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

test("msw, the HTTP server and the plain function give the same answers", { timeout: 60_000 }, async () => {
  const direct = await answers(async (box) => ({
    send: box.fetch,
    root: "https://api.github.com",
    done: () => undefined,
  }));
  const throughMsw = await answers(async (box) => {
    const msw = setupServer(...box.handlers());
    msw.listen({ onUnhandledRequest: "error" });
    return { send: fetch, root: "https://api.github.com", done: () => msw.close() };
  });
  const overHttp = await answers(async (box) => {
    const server = await box.listen();
    return { send: fetch, root: server.apiUrl, done: () => undefined };
  });
  expect(direct.length).toBeGreaterThan(100);
  expect(throughMsw).toEqual(direct);
  expect(overHttp).toEqual(direct);
});
