import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import { MemoryAuthenticator, MemoryProjectFiles } from "@infrajet/github/memory";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { githubPlugin } from "../src/index.js";

const running: (FastifyInstance | GitHubSdk)[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

/** A host that authorizes every user for every project. */
async function serve(app: FastifyInstance, options: { prefix?: string; realtime?: false } = {}): Promise<string> {
  const sdk = createGitHubSdk({ auth: "token", projectFiles: new MemoryProjectFiles() });
  running.push(app, sdk);
  const authenticator = new MemoryAuthenticator({ "secret-token": { id: 7 } });
  await app.register(githubPlugin, {
    sdk,
    authenticator,
    sharedCredential: true,
    authorizeProject: () => true,
    ...options,
  });
  return (await app.listen({ port: 0, host: "127.0.0.1" })).replace("http", "ws");
}

/** Resolves to the first message, or to the status without an upgrade. */
function hear(url: string): Promise<string | number | undefined> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(url);
    webSocket.once("message", (text) => {
      webSocket.close();
      resolve(JSON.parse(String(text)).type);
    });
    webSocket.once("unexpected-response", (request, response) => {
      request.destroy();
      resolve(response.statusCode);
    });
    webSocket.on("error", reject);
  });
}

const QUERY = "?token=secret-token&project_id=infra";

it("the WebSocket runs the host's hooks before the upgrade and keeps its token out of the log", async () => {
  const lines: string[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
  app.addHook("onRequest", async (request, reply) => {
    if (request.url.includes("blocked")) await reply.code(403).send();
  });
  const url = await serve(app);
  expect(await hear(`${url}/api/v1/github/ws${QUERY}`)).toBe("subscription_confirmed");
  expect(await hear(`${url}/api/v1/github/ws${QUERY}&blocked=1`)).toBe(403);
  expect(lines.join("")).toContain('"url":"/api/v1/github/ws"');
  expect(lines.join("")).not.toContain("secret-token");
});

it("githubPlugin keeps codes, states and tokens out of the request log", async () => {
  const lines: string[] = [];
  const app = Fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
  const url = (await serve(app)).replace("ws", "http");
  const get = async (path: string): Promise<number> => (await fetch(`${url}/api/v1/github${path}`)).status;
  expect(await get("/auth/callback?code=secret-code&state=secret-state")).toBe(501);
  expect(await get("/auth/login?state=secret-state-of-a-client")).toBe(401);
  expect(await get("/ws?token=secret-token")).toBe(404);
  expect((await fetch(`${url}/api/v1/github/auth/callback?code=secret-code`, { method: "PUT" })).status).toBe(405);
  expect(lines.join("")).toContain('"url":"/api/v1/github/auth/callback"');
  expect(lines.join("")).not.toContain("secret");
});

it("the WebSocket is mounted below the prefix of the endpoints", async () => {
  const url = await serve(Fastify(), { prefix: "/github" });
  expect(await hear(`${url}/github/ws${QUERY}`)).toBe("subscription_confirmed");
  expect(await hear(`${url}/api/v1/github/ws${QUERY}`)).toBe(404);
});

it("the WebSocket is not mounted with realtime: false", async () => {
  const url = await serve(Fastify(), { realtime: false });
  expect(await hear(`${url}/api/v1/github/ws${QUERY}`)).toBe(404);
});

it("the WebSocket leaves other upgrade requests to the host", async () => {
  const app = Fastify();
  app.get("/", async ({ headers }) => headers.upgrade ?? "as without the upgrade");
  const url = (await serve(app)).replace("ws", "http");
  const answer = await fetch(url);
  expect(await answer.text()).toBe("as without the upgrade");
  expect(await hear(`${url.replace("http", "ws")}/`)).toBe(200);
});

it("the WebSocket closes with 1001 when the app closes", async () => {
  const app = Fastify();
  const url = await serve(app);
  const webSocket = new WebSocket(`${url}/api/v1/github/ws${QUERY}`);
  await new Promise((resolve) => webSocket.once("message", resolve));
  const closed = new Promise((resolve) => webSocket.once("close", resolve));
  await app.close();
  expect(await closed).toBe(1001);
});
