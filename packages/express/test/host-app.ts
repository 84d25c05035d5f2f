import { githubRouter } from "@infrajet/github-express";
import { createContractFixture } from "@infrajet/github-testing/contract";
import express, { type ErrorRequestHandler } from "express";
import { afterAll, describe, expect, it } from "vitest";
import { serveApp } from "./served-app.js";

/** What the router leaves to the application that it is a part of. */
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

  describe("in an application of the host's own", () => {
    it("lets the host's routes answer, before, behind and below its own path", async () => {
      const texts = await Promise.all(
        ["/before", "/after", "of-the-host"].map(async (path) => (await ask(path)).text()),
      );
      expect(texts).toEqual(["before", "after", "the host's"]);
    });

    it("leaves what is none of its endpoints to the host's 404", async () => {
      for (const path of ["nothing-here", "sync/history", "connection/%", "/api/v1/githubs/health"]) {
        const answer = await ask(path);
        expect([path, answer.status, await answer.text()]).toEqual([path, 404, "the host's 404"]);
      }
    });

    it("keeps its errors from the host's error handler, and the host's from its own", async () => {
      expect((await ask("connection/status")).status).toBe(401);
      expect((await ask("repositories?page=0", await (await host()).tokenFor("somebody"))).status).toBe(422);
      expect(errors).toEqual([]);
      expect(await (await ask("/fails")).text()).toBe("the host's 500");
      expect(errors).toEqual([new Error("the host's own")]);
    });

    it("runs behind the host's middleware, and keeps what that has set", async () => {
      const answer = await ask("auth/login", await (await host()).tokenFor("somebody"));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-host")).toBe("was here");
      const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split("=", 1)[0]);
      expect(cookies).toEqual(["session", expect.stringContaining("github")]);
    });

    it("answers where it is mounted, with a base path of its own below", async () => {
      expect((await ask("/mounted/github/health")).status).toBe(200);
      expect(await (await ask("/mounted/health")).text()).toBe("the host's 404");
    });
  });
}
