import { createServer, request as httpRequest } from "node:http";
import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import type { AuthenticationRequest } from "@infrajet/github/adapters";
import { MemoryAuthenticator, MemoryProjectFiles } from "@infrajet/github/memory";
import { attachRealtime, githubRouter } from "@infrajet/github-express";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Router,
} from "express";
import express4 from "express4";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listen, type ServedApp, serveApp } from "./served-app.js";

const options = { authenticator: new MemoryAuthenticator({ token: { id: 1 } }), sharedCredential: true };
const headers = { authorization: "Bearer token" };

let sdk: GitHubSdk;
beforeAll(() => {
  sdk = createGitHubSdk({ auth: "unused", projectFiles: new MemoryProjectFiles() });
});
afterAll(() => sdk.close());

let served: ServedApp | null = null;
afterEach(() => served?.close());

async function serve(app: Express): Promise<string> {
  served = await serveApp(app);
  return served.url;
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(url, { headers, ...init })).status;
}

interface Mounting {
  readonly app: Express;
  readonly create: typeof express;
  readonly router: (own?: { readonly basePath?: string }) => Router;
}

/** Places where Express mounts a router, with the path at which the endpoints are then. */
const PLACES: readonly [place: string, mount: (mounting: Mounting) => void, base: string][] = [
  ["a path", ({ app, router }) => app.use("/github", router()), "/github"],
  ["a path that ends in a slash", ({ app, router }) => app.use("/github/", router()), "/github"],
  ["a path of another case", ({ app, router }) => app.use("/GitHub", router()), "/github"],
  [
    "a path of a strict application",
    ({ app, router }) => app.enable("strict routing").enable("case sensitive routing").use("/github", router()),
    "/github",
  ],
  ["one of several paths", ({ app, router }) => app.use(["/a", "/b"], router()), "/b"],
  ["a regular expression", ({ app, router }) => app.use(/^\/v\d+\/github/, router()), "/v12/github"],
  ["a path with parameters", ({ app, router }) => app.use("/t/:tenant/github", router()), "/t/acme/github"],
  ["a parameter that is encoded", ({ app, router }) => app.use("/t/:tenant/github", router()), "/t/a%20b%2Fc/github"],
  [
    "a base path with parameters",
    ({ app, router }) => app.use(router({ basePath: "/t/:tenant/github" })),
    "/t/acme/github",
  ],
  [
    "a base path below a path with parameters",
    ({ app, router }) => app.use("/t/:tenant", router({ basePath: "/github/" })),
    "/t/acme/github",
  ],
  ["a sub-app", ({ app, create, router }) => app.use("/sub", create().use("/github", router())), "/sub/github"],
  [
    "a sub-app with parameters in a router in a router",
    ({ app, create, router }) => {
      const inner = create.Router().use("/:b", create().use("/github/", router()));
      app.use("/a/", create.Router().use("/:a", inner));
    },
    "/a/one/two/github",
  ],
];

/** The behavior of the package `cors`. */
const cors: RequestHandler = (request, response, next) => {
  response.setHeader("access-control-allow-origin", "*");
  if (request.method === "OPTIONS") response.status(204).end();
  else next();
};

/** Resolves to the status of the response to a WebSocket request. */
function upgradeStatus(url: string): Promise<number | undefined> {
  const upgrade = {
    ...headers,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers: upgrade });
    request.once("response", (response) => resolve(response.resume().statusCode));
    request.once("upgrade", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    request.once("error", reject).end();
  });
}

for (const [name, create] of [
  ["Express 5", express],
  ["Express 4", express4],
] as const) {
  describe(name, () => {
    it("mounts the endpoints at their base path or at the path where it is mounted", async () => {
      const app = create();
      app.use("/mounted", githubRouter(sdk, options));
      app.use("/below", githubRouter(sdk, { ...options, basePath: "/github" }));
      app.use("/bare", create.Router().use("/inner", githubRouter(sdk, options)));
      app.use(githubRouter(sdk, options));
      const url = await serve(app);
      for (const base of ["/api/v1/github", "/mounted", "/below/github", "/bare/inner"]) {
        expect(await statusOf(`${url}${base}/sync/metrics`), base).toBe(200);
        const { servers } = (await (await fetch(`${url}${base}/openapi.json`)).json()) as { servers: unknown };
        expect(servers).toEqual([{ url: base }]);
      }
      for (const none of [
        "/sync/metrics",
        "/below/sync/metrics",
        "/api/v1/githubx/sync/metrics",
        "/API/v1/github/health",
      ]) {
        expect(await statusOf(`${url}${none}`), none).toBe(404);
      }
    });

    for (const [place, mount, base] of PLACES) {
      it(`mounts the endpoints at ${place}`, async () => {
        const seen: AuthenticationRequest[] = [];
        const authenticator = {
          authenticate: async (request: AuthenticationRequest) => {
            seen.push(request);
            return { id: 1 };
          },
        };
        const app = create();
        mount({ app, create, router: (own) => githubRouter(sdk, { ...options, ...own, authenticator }) });
        const url = await serve(app);
        expect(await statusOf(`${url}${base}/sync/metrics`)).toBe(200);
        expect(seen.map(({ path }) => path)).toEqual([`${base}/sync/metrics`]);
        const { servers } = (await (await fetch(`${url}${base}/openapi.json`)).json()) as { servers: unknown };
        expect(servers).toEqual([{ url: base }]);
        const callback = await fetch(`${url}${base}/auth/callback?error=access_denied`, { redirect: "manual" });
        expect(callback.status).toBe(501);
        for (const none of [`${base}/sync/metrics/more`, `${base}x/sync/metrics`, "/sync/metrics"]) {
          expect(await statusOf(`${url}${none}`), none).toBe(404);
        }
      });
    }

    it("gives the authenticator the parameters of the path", async () => {
      const seen: unknown[] = [];
      const authenticator = {
        authenticate: async ({ raw }: AuthenticationRequest) => {
          seen.push((raw as Request).params);
          return { id: 1 };
        },
      };
      const app = create();
      app.use("/t/:tenant/github", githubRouter(sdk, { ...options, authenticator }));
      expect(await statusOf(`${await serve(app)}/t/acme/github/sync/metrics`)).toBe(200);
      expect(seen).toEqual([{ tenant: "acme" }]);
    });

    it("matches an absolute URL by its path", async () => {
      const app = create();
      app.use("/github", githubRouter(sdk, options));
      const { host, hostname, port } = new URL(await serve(app));
      const status = await new Promise((resolve, reject) => {
        const path = `http://${host}/github/live`;
        const asked = httpRequest({ hostname, port, path }, (response) => resolve(response.resume().statusCode));
        asked.once("error", reject).end();
      });
      expect(status).toBe(200);
    });

    it("accepts WebSockets at paths with parameters, and returns other upgrade requests to the app", async () => {
      const app = create();
      app.use("/t/:tenant/github", githubRouter(sdk, options));
      app.use(githubRouter(sdk, options));
      const server = createServer(app);
      attachRealtime(server, sdk, { ...options, basePath: "/t/:tenant/github" });
      attachRealtime(server, sdk, options);
      served = await listen(server);
      for (const [path, status] of [
        ["/t/acme/github/ws", 101],
        ["/t/other/github/ws", 101],
        ["/api/v1/github/ws", 101],
        ["/t/acme/more/github/ws", 404],
        ["/t//github/ws", 404],
        ["/t/acme/github/live", 200],
      ] as const) {
        expect(await upgradeStatus(`${served.url}${path}`), path).toBe(status);
      }
    });

    for (const order of ["before", "after"] as const) {
      it(`lets the host's CORS respond to preflight requests when it is registered ${order} the router`, async () => {
        const app = create();
        if (order === "before") app.use(cors);
        app.use(githubRouter(sdk, options));
        if (order === "after") app.use(cors);
        const url = `${await serve(app)}/api/v1/github/sync/metrics`;
        const preflight = await fetch(url, {
          method: "OPTIONS",
          headers: { origin: "https://app.example", "access-control-request-method": "GET" },
        });
        expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
        const response = await fetch(url, { headers });
        expect(response.status).toBe(200);
        if (order === "before") expect(response.headers.get("access-control-allow-origin")).toBe("*");
      });
    }

    it("does not change the host's other routes, middleware and error handling", async () => {
      const app = create();
      app.use((_request, response, next) => {
        response.setHeader("x-host", "was here");
        response.cookie("host", "1");
        next();
      });
      app.get("/api/v1/github/own", (_request, response) => void response.json("before"));
      app.use(githubRouter(sdk, options));
      app.get("/api/v1/github/later", (_request, response) => void response.json("after"));
      app.get("/broken", () => {
        throw new Error("the host's own");
      });
      const onError: ErrorRequestHandler = (error, _request, response, _next) =>
        void response.status(418).json(error.message);
      app.use(onError);
      const url = await serve(app);
      const ours = await fetch(`${url}/api/v1/github/auth/login`, { headers });
      expect([ours.status, ours.headers.get("x-host")]).toEqual([501, "was here"]);
      expect(ours.headers.getSetCookie()[0]).toMatch(/^host=1/);
      for (const [path, body] of [
        ["own", "before"],
        ["later", "after"],
      ] as const) {
        expect(await (await fetch(`${url}/api/v1/github/${path}`)).json()).toBe(body);
      }
      const broken = await fetch(`${url}/broken`);
      expect([broken.status, await broken.json()]).toEqual([418, "the host's own"]);
      expect(await statusOf(`${url}/api/v1/github/sync/history/%zz`)).toBe(404);
    });

    it("sets a secure cookie behind a TLS proxy that the app trusts", async () => {
      const app = create();
      app.set("trust proxy", "loopback");
      const connected = createGitHubSdk({
        oauth: { clientId: "c", clientSecret: "s" },
        encryptionKeys: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
        projectFiles: new MemoryProjectFiles(),
      });
      app.use(githubRouter(connected, options));
      const login = `${await serve(app)}/api/v1/github/auth/login`;
      const plain = await fetch(login, { headers });
      expect(plain.headers.get("set-cookie")).toMatch(
        /^infrajet-github=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
      );
      const proxied = await fetch(login, { headers: { ...headers, "x-forwarded-proto": "https" } });
      expect(proxied.headers.get("set-cookie")).toMatch(/^__Host-infrajet-github=.*; Secure$/);
      await connected.close();
    });

    it("passes OPTIONS and unknown paths on to the host, and responds itself with notFound", async () => {
      for (const [notFound, preflight, unknown] of [
        [false, 418, 418],
        [true, 204, 404],
      ] as const) {
        const app = create();
        app.use(githubRouter(sdk, { ...options, notFound }));
        app.use((_request, response) => void response.status(418).end());
        const url = await serve(app);
        expect((await fetch(`${url}/api/v1/github/webhook`, { method: "OPTIONS" })).status).toBe(preflight);
        for (const path of ["nothing", "sync/history/%zz", "sync/history/a/b"]) {
          expect((await fetch(`${url}/api/v1/github/${path}`)).status, path).toBe(unknown);
        }
        expect((await fetch(`${url}/elsewhere`)).status).toBe(418);
      }
    });

    it("rejects a request with two tokens", async () => {
      const url = new URL(`${await serve(create().use(githubRouter(sdk, options)))}/api/v1/github/sync/metrics`);
      const status = await new Promise((resolve, reject) => {
        const asked = httpRequest(
          url,
          { headers: ["host", url.host, "authorization", "Bearer token", "authorization", "Bearer other"] },
          (answer) => resolve(answer.resume().statusCode),
        );
        asked.once("error", reject).end();
      });
      expect(status).toBe(401);
    });
  });
}
