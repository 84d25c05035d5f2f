import { request as httpRequest } from "node:http";
import { createGitHubSdk, type GitHubSdk } from "@infrajet/github";
import { MemoryAuthenticator, MemoryProjectFiles } from "@infrajet/github/memory";
import { githubRouter } from "@infrajet/github-express";
import express, { type ErrorRequestHandler, type Express } from "express";
import express4 from "express4";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ServedApp, serveApp } from "./served-app.js";

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
