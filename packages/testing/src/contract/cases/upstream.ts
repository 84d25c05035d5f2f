import assert from "node:assert/strict";
import { syncSchema } from "../answers.js";
import { contractCase } from "../contract-case.js";
import { projectIn, syncedProject } from "../synced-scene.js";

/** What becomes of requests while GitHub fails, limits or answers what nobody can read. */
export const upstreamCases = [
  contractCase("an outage of GitHub is 500 github_unavailable", async (scene) => {
    const user = await scene.connected();
    const { fullName } = await scene.repository(user.login);
    const words = "secret words of GitHub's machine room";
    for (const respond of [
      { status: 503, body: { message: words } },
      { status: 502, body: "<html>" },
      "reset",
    ] as const) {
      const undo = scene.box.control.fault({ path: /\/repos\//, times: 100, when: "before", respond });
      const answer = await user.get(`/repositories/${fullName}`);
      undo();
      const { detail } = answer.fails(500, "github_unavailable");
      assert.ok(!detail.includes(words), "GitHub's words stay with the host");
    }
  }),

  contractCase("an answer of GitHub that makes no sense is 500 github_unavailable", async (scene) => {
    const user = await scene.connected();
    const { fullName } = await scene.repository(user.login);
    for (const body of [{ hello: "world" }, "not json", []]) {
      const undo = scene.box.control.fault({
        path: /\/repos\//,
        times: 100,
        when: "before",
        respond: { status: 200, body },
      });
      const answer = await user.get(`/repositories/${fullName}`);
      undo();
      answer.fails(500, "github_unavailable");
    }
  }),

  contractCase("an outage before there is a record is 500, and leaves none", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const undo = scene.box.control.fault({
      path: /graphql|\/repos\//,
      times: 100,
      when: "before",
      respond: { status: 503 },
    });
    const answer = await user.post("/sync/project", projectIn(repository));
    undo();
    answer.fails(500, "github_unavailable");
    (await user.post("/sync/project", projectIn(repository))).ok(syncSchema);
  }),

  contractCase("a rate limit of GitHub is 429, and says when to come back", async (scene) => {
    for (const status of [403, 429]) {
      const user = await scene.connected();
      scene.fault({
        path: /\/user\/repos$/,
        when: "before",
        respond: {
          status,
          headers: { "retry-after": "37" },
          body: { message: "You have exceeded a secondary rate limit." },
        },
      });
      const answer = await user.get("/repositories");
      answer.fails(429, "rate_limited");
      const seconds = Number(answer.headers.get("retry-after"));
      assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 37, `Retry-After: ${seconds}`);
      scene.end();
    }
  }),
];
