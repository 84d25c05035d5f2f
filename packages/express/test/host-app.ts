import { githubRouter } from "@infrajet/github-express";
import { createContractFixture } from "@infrajet/github-testing/contract";
import express, { type ErrorRequestHandler } from "express";
import { afterAll, describe, expect, it } from "vitest";
import { serveApp } from "./served-app.js";

/** Declares the tests of the router in an application with routes of its own. */
export function describeHostApp(): void {
  const errors: unknown[] = [];
  const world = createContractFixture(({ sdk, options }) => {
    const app = express();
    app.use((_request, response, next) => {
      response.setHeader("x-host", "was here");
      response.cookie("session", "of the host");
      next();
    });
    app.get("/before", (_request, response) => void response.send("before"));
    app.use(githubRouter(sdk, options));
    app.use("/mounted", githubRouter(sdk, { ...options, basePath: "/github" }));
    app.get("/after", (_request, response) => void response.send("after"));
    app.get(`${options.basePath}/of-the-host`, (_request, response) => void response.send("the host's"));
    app.get("/fails", () => {
      throw new Error("the host's own");
    });
    app.use((_request, response) => void response.status(404).send("the host's 404"));
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      errors.push(error);
      response.status(500).send("the host's 500");
    };
    app.use(onError);
    return serveApp(app);
  });
  const host = () => world.host("complete");
  const ask = async (path: string, token?: string) => {
    const url = new URL(path, `${(await host()).baseUrl}/`);
    return fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
  };
  afterAll(() => world.close());

  describe("githubRouter in an application of the host", () => {
    it("passes requests on to the host's routes before, after and below its own path", async () => {
      const texts = await Promise.all(
        ["/before", "/after", "of-the-host"].map(async (path) => (await ask(path)).text()),
      );
      expect(texts).toEqual(["before", "after", "the host's"]);
    });

    it("passes paths that are not endpoints on to the host's 404", async () => {
      for (const path of ["nothing-here", "sync/history", "connection/%", "/api/v1/githubs/health"]) {
        const answer = await ask(path);
        expect([path, answer.status, await answer.text()]).toEqual([path, 404, "the host's 404"]);
      }
    });

    it("handles its own errors and leaves the host's errors to the host", async () => {
      expect((await ask("connection/status")).status).toBe(401);
      expect((await ask("repositories?page=0", await (await host()).tokenFor("another-user"))).status).toBe(422);
      expect(errors).toEqual([]);
      expect(await (await ask("/fails")).text()).toBe("the host's 500");
      expect(errors).toEqual([new Error("the host's own")]);
    });

    it("runs after the host's middleware and keeps the headers that it set", async () => {
      const answer = await ask("auth/login", await (await host()).tokenFor("another-user"));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-host")).toBe("was here");
      const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split("=", 1)[0]);
      expect(cookies).toEqual(["session", expect.stringContaining("github")]);
    });

    it("mounts the endpoints at basePath below the path where it is mounted", async () => {
      expect((await ask("/mounted/github/health")).status).toBe(200);
      expect(await (await ask("/mounted/health")).text()).toBe("the host's 404");
    });
  });
}
