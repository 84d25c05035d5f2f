import swagger from "@fastify/swagger";
import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import { MemoryAuthenticator, MemoryProjectFiles } from "@infrajet/github/memory";
import { githubPlugin } from "@infrajet/github-fastify";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

const headers = { authorization: "Bearer token" };
const options = {
  authenticator: new MemoryAuthenticator({ token: { id: 1 } }),
  sharedCredential: true,
  realtime: false,
} as const;

let sdk: GitHubSdk;
beforeAll(() => {
  sdk = createGitHubSdk({ auth: "unused", projectFiles: new MemoryProjectFiles() });
});
afterAll(() => sdk.close());

let app: FastifyInstance;
beforeEach(() => {
  app = Fastify();
});
afterEach(() => app.close());

async function statusOf(url: string): Promise<number> {
  return (await app.inject({ url, headers })).statusCode;
}

it("githubPlugin mounts the endpoints at their base path or at the prefix", async () => {
  await app.register(githubPlugin, { sdk, ...options });
  await app.register(githubPlugin, { sdk, ...options, prefix: "/mounted" });
  await app.register(githubPlugin, { sdk, ...options, prefix: "/below", basePath: "/github" });
  for (const base of ["/api/v1/github", "/mounted", "/below/github"]) {
    expect(await statusOf(`${base}/sync/metrics`), base).toBe(200);
    expect((await app.inject(`${base}/openapi.json`)).json().servers).toEqual([{ url: base }]);
  }
  for (const none of ["/sync/metrics", "/below/sync/metrics"]) expect(await statusOf(none), none).toBe(404);
});

it("githubPlugin does not change the host's other routes, hooks and body parsing", async () => {
  app.addHook("onRequest", async (_request, reply) => void reply.header("x-host", "was here"));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send("the host's own"));
  await app.register(githubPlugin, { sdk, ...options });
  app.post("/own", async ({ body }) => body);
  const own = await app.inject({ method: "POST", url: "/own", payload: { a: 1 } });
  expect(own.json()).toEqual({ a: 1 });
  const ours = await app.inject({ url: "/api/v1/github/sync/metrics", headers });
  expect([ours.statusCode, ours.headers["x-host"]]).toEqual([200, "was here"]);
  for (const path of ["/nothing", "/sync/history/a/b"]) {
    expect((await app.inject(`/api/v1/github${path}`)).body, path).toBe("the host's own");
  }
});

it("githubPlugin responds to HEAD and OPTIONS and to methods that a path does not have", async () => {
  await app.register(githubPlugin, { sdk, ...options, notFound: true });
  for (const [method, path, status, allow] of [
    ["DELETE", "/sync/history/infra", 405, "GET, HEAD, OPTIONS"],
    ["PUT", "/repositories", 405, "GET, HEAD, POST, OPTIONS"],
    ["OPTIONS", "/webhook", 204, "POST, OPTIONS"],
  ] as const) {
    const answer = await app.inject({ method, url: `/api/v1/github${path}` });
    expect([answer.statusCode, answer.headers.allow], path).toEqual([status, allow]);
  }
  const head = await app.inject({ method: "HEAD", url: "/api/v1/github/sync/metrics", headers });
  expect([head.statusCode, head.body]).toEqual([200, ""]);
});

it("githubPlugin passes OPTIONS and unknown paths on to the host without notFound", async () => {
  app.setNotFoundHandler((request, reply) => void reply.code(418).send(request.method));
  await app.register(githubPlugin, { sdk, ...options });
  for (const [method, path] of [
    ["OPTIONS", "/webhook"],
    ["OPTIONS", "/sync/history/infra"],
    ["GET", "/nothing"],
    ["GET", "/sync/history/a/b"],
  ] as const) {
    expect((await app.inject({ method, url: `/api/v1/github${path}` })).statusCode, path).toBe(418);
  }
});

it("githubPlugin responds with 404 in JSON to unknown paths below its base path with notFound", async () => {
  await app.register(githubPlugin, { sdk, ...options, notFound: true });
  for (const path of ["/nothing", "/sync", "/sync/history/a/b", "/sync/history/%20/x", "/health/"]) {
    const response = await app.inject({ url: `/api/v1/github${path}`, headers });
    expect([response.statusCode, response.json()], path).toEqual([
      404,
      { detail: "Endpoint not found.", code: "endpoint_not_found" },
    ]);
  }
  expect((await app.inject({ url: "/elsewhere" })).json()).toMatchObject({ statusCode: 404 });
});

it("githubPlugin documents its endpoints in @fastify/swagger with their schemas", async () => {
  await app.register(swagger, { openapi: { openapi: "3.1.0" } });
  await app.register(githubPlugin, { sdk, ...options });
  await app.ready();
  const { paths }: { paths: Record<string, Record<string, Described>> } = JSON.parse(JSON.stringify(app.swagger()));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(operations.filter((name) => !name.startsWith("HEAD "))).toHaveLength(29);
  const sync = paths["/api/v1/github/sync/project"]?.post;
  expect(sync?.operationId).toBe("syncProject");
  expect(sync?.requestBody?.content["application/json"]?.schema.required).toEqual([
    "project_id",
    "repository_full_name",
  ]);
  const response = sync?.responses["200"]?.content?.["application/json"]?.schema;
  expect(Object.keys(response?.properties ?? {})).toContain("pull_request_url");
  const history = paths["/api/v1/github/sync/history/{project_id}"]?.get;
  expect(history?.parameters?.map(({ name }) => name)).toContain("cursor");
});

interface Shape {
  readonly schema: { readonly required?: readonly string[]; readonly properties?: object };
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Shape>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Shape>> }>>;
}
