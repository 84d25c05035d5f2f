import swagger from "@fastify/swagger";
import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import type { AuthenticationRequest } from "@infrajet/github/adapters";
import { MemoryAuthenticator, MemoryProjectFiles } from "@infrajet/github/memory";
import { githubPlugin } from "@infrajet/github-fastify";
import Fastify, {
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  type FastifyServerOptions,
} from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { WebSocket } from "ws";

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

interface Place {
  readonly place: string;
  readonly base: string;
  readonly app?: FastifyServerOptions;
  readonly mount: (plugin: FastifyPluginAsync<MountOptions>, app: FastifyInstance) => void;
  /** Another spelling of `base` + `/sync/metrics` that the app accepts. */
  readonly alias?: string;
}

interface MountOptions {
  readonly basePath?: string;
}

/** Places where Fastify mounts a plugin, with the path at which the endpoints are then. */
const PLACES: readonly Place[] = [
  { place: "a prefix", base: "/github", mount: (plugin, app) => app.register(plugin, { prefix: "/github" }) },
  { place: "the root", base: "/api/v1/github", mount: (plugin, app) => app.register(plugin, { prefix: "/" }) },
  {
    place: "a prefix that ends in a slash",
    base: "/github",
    mount: (plugin, app) => app.register(plugin, { prefix: "/github/" }),
  },
  {
    place: "a prefix with parameters",
    base: "/t/acme/github",
    mount: (plugin, app) => app.register(plugin, { prefix: "/t/:tenant/github" }),
  },
  {
    place: "a prefix with an encoded parameter and an expression",
    base: "/v12/a%20b%2Fc/github",
    mount: (plugin, app) => app.register(plugin, { prefix: "/v:version(^\\d+)/:tenant/github/" }),
  },
  {
    place: "a base path with parameters below a prefix with parameters",
    base: "/t/acme/p/infra/github",
    mount: (plugin, app) => app.register(plugin, { prefix: "/t/:tenant", basePath: "/p/:project/github/" }),
  },
  {
    place: "a prefix in prefixes",
    base: "/a/one/two/github",
    mount: (plugin, app) =>
      app.register(
        async (outer) => {
          outer.register(async (inner) => inner.register(plugin, { prefix: "/github" }), { prefix: "/:two" });
        },
        { prefix: "/a/:one" },
      ),
  },
  {
    place: "the prefix of its parent",
    base: "/parent",
    mount: (plugin, app) => app.register(async (parent) => parent.register(plugin), { prefix: "/parent" }),
  },
  {
    place: "a prefix of an app that ignores case",
    base: "/T/Acme/GitHub",
    app: { routerOptions: { caseSensitive: false } },
    mount: (plugin, app) => app.register(plugin, { prefix: "/t/:tenant/github" }),
    alias: "/t/acme/github/SYNC/metrics",
  },
  {
    place: "a prefix of an app that ignores slashes",
    base: "/github",
    app: { routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } },
    mount: (plugin, app) => app.register(plugin, { prefix: "/github" }),
    alias: "//github//sync/metrics/",
  },
];

for (const { place, base, app: settings, mount, alias = `${base}/sync/metrics` } of PLACES) {
  it(`githubPlugin mounts the endpoints at ${place}`, async () => {
    const raws: unknown[] = [];
    const authenticator = {
      authenticate: async ({ raw }: AuthenticationRequest) => {
        raws.push((raw as FastifyRequest).params);
        return { id: 1 };
      },
    };
    app = Fastify(settings);
    const { realtime: _, ...rest } = { ...options, authenticator };
    mount(async (scope, own) => githubPlugin(scope, { ...rest, ...own, sdk }), app);
    expect(await statusOf(`${base}/sync/metrics`)).toBe(200);
    expect(await statusOf(alias)).toBe(200);
    expect(raws).toHaveLength(2);
    expect((await app.inject(`${base}/openapi.json`)).json().servers).toEqual([{ url: base }]);
    expect(await statusOf(`${base}/auth/callback?error=access_denied`)).toBe(501);
    expect((await app.inject({ method: "DELETE", url: `${base}/sync/history/a`, headers })).statusCode).toBe(405);
    for (const none of [`${base}/sync/metrics/more`, `${base}x/sync/metrics`, "/sync/metrics"]) {
      expect(await statusOf(none), none).toBe(404);
    }
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    expect(await upgradeStatus(`${url}${base}/ws`)).toBe(101);
    expect(await upgradeStatus(`${url}${base}/live`)).toBe(200);
    expect(await upgradeStatus(`${url}${base}x/ws`)).toBe(404);
  });
}

/** Resolves to the status of the response to a WebSocket request. */
function upgradeStatus(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const webSocket = new WebSocket(url, { headers });
    webSocket.on("error", reject);
    webSocket.once("upgrade", ({ statusCode }) => {
      webSocket.terminate();
      resolve(statusCode);
    });
    webSocket.once("unexpected-response", (request, { statusCode }) => {
      request.destroy();
      resolve(statusCode);
    });
  });
}

/** The behavior of `@fastify/cors`: a hook, and a route for preflight requests. */
const cors = Object.assign(
  async (scope: FastifyInstance) => {
    scope.addHook("onRequest", async ({ method }, reply) => {
      reply.header("access-control-allow-origin", "*");
      if (method === "OPTIONS") await reply.code(204).send();
    });
    scope.options("*", async (_request, reply) => reply.code(204).send());
  },
  { [Symbol.for("skip-override")]: true },
);

for (const order of ["before", "after"] as const) {
  it(`githubPlugin lets the host's CORS respond to preflight requests when it is registered ${order} it`, async () => {
    if (order === "before") await app.register(cors);
    await app.register(githubPlugin, { sdk, ...options });
    if (order === "after") await app.register(cors);
    const url = "/api/v1/github/sync/metrics";
    const origin = { origin: "https://app.example", "access-control-request-method": "GET" };
    const preflight = await app.inject({ method: "OPTIONS", url, headers: origin });
    expect([preflight.statusCode, preflight.headers["access-control-allow-origin"]]).toEqual([204, "*"]);
    const response = await app.inject({ url, headers: { ...headers, ...origin } });
    expect(response.statusCode).toBe(200);
    if (order === "before") expect(response.headers["access-control-allow-origin"]).toBe("*");
  });
}

it("githubPlugin keeps the host's body parsers when it is not encapsulated", async () => {
  const plain = Object.assign(async (scope: FastifyInstance) => githubPlugin(scope, { sdk, ...options }), {
    [Symbol.for("skip-override")]: true,
  });
  await app.register(plain);
  app.post("/own", async ({ body }) => body);
  expect((await app.inject({ method: "POST", url: "/own", payload: { a: 1 } })).json()).toEqual({ a: 1 });
  expect(await statusOf("/api/v1/github/sync/metrics")).toBe(200);
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
  expect(operations.filter((name) => !name.startsWith("HEAD "))).toHaveLength(42);
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
