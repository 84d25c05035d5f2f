import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import type { Reply } from "../reply.js";
import { authSchema, connectionStatusSchema, syncSchema } from "../responses.js";
import { projectIn, syncedProject } from "../synced-scene.js";

const LIMITED = {
  status: 429,
  headers: { "retry-after": "37" },
  body: { message: "You have exceeded a secondary rate limit." },
};

/** Asserts a response to a rate limit of at most 37 seconds. */
function assertLimited(response: Reply): void {
  response.fails(429, "rate_limited");
  const seconds = Number(response.headers.get("retry-after"));
  assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 37, `Retry-After: ${seconds}`);
}

/** Requests while GitHub fails, limits the rate or sends malformed responses. */
export const upstreamCases = [
  contractCase("an outage of GitHub returns 500 github_unavailable", async (scene) => {
    const user = await scene.connected();
    const { fullName } = await scene.repository(user.login);
    const words = "secret words of GitHub's machine room";
    for (const respond of [
      { status: 503, body: { message: words } },
      { status: 502, body: "<html>" },
      "reset",
    ] as const) {
      const undo = scene.box.control.fault({ path: /\/repos\//, times: 100, when: "before", respond });
      const response = await user.get(`/repositories/${fullName}`);
      undo();
      const { detail } = response.fails(500, "github_unavailable");
      assert.ok(!detail.includes(words), "GitHub's own text is not returned");
    }
  }),

  contractCase("a malformed response of GitHub returns 500 github_unavailable", async (scene) => {
    const user = await scene.connected();
    const { fullName } = await scene.repository(user.login);
    for (const body of [{ hello: "fixture" }, "not json", []]) {
      const undo = scene.box.control.fault({
        path: /\/repos\//,
        times: 100,
        when: "before",
        respond: { status: 200, body },
      });
      const response = await user.get(`/repositories/${fullName}`);
      undo();
      response.fails(500, "github_unavailable");
    }
  }),

  contractCase("an outage before a sync record exists returns 500 and creates no record", async (scene) => {
    const { user, repository } = await syncedProject(scene, {});
    await user.write({ "a.tf": "a\n" });
    const undo = scene.box.control.fault({
      path: /graphql|\/repos\//,
      times: 100,
      when: "before",
      respond: { status: 503 },
    });
    const response = await user.post("/sync/project", projectIn(repository));
    undo();
    response.fails(500, "github_unavailable");
    (await user.post("/sync/project", projectIn(repository))).ok(syncSchema);
  }),

  contractCase("an outage during POST /auth/callback returns 500 and connects no account", async (scene) => {
    const user = await scene.user();
    const { authorization_url, state } = (await user.get("/auth/login")).ok(authSchema);
    const { code } = await scene.box.authorize(authorization_url, { login: user.login });
    scene.fault({ path: /\/login\/oauth\/access_token$/, when: "before", respond: { status: 503 } });
    (await user.post("/auth/callback", { code, state })).fails(500, "github_unavailable");
    scene.end();
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, false);
    await scene.connect(user);
  }),

  contractCase("an outage during requests of the App returns 500", async (scene) => {
    const { owner, installation } = await scene.installation();
    scene.fault({ path: /access_tokens$/, when: "before", respond: { status: 502 } });
    const response = await owner.post("/installation/token", { installation_id: installation.id });
    response.fails(500, "github_unavailable");
  }),

  contractCase("a rate limit of GitHub returns 429 with Retry-After", async (scene) => {
    for (const status of [403, 429]) {
      const user = await scene.connected();
      scene.fault({
        path: /\/user\/repos$/,
        when: "before",
        respond: { ...LIMITED, status },
      });
      assertLimited(await user.get("/repositories"));
      scene.end();
    }
  }),

  contractCase("sync endpoints return 429 for a rate limit of more than five seconds", async (scene) => {
    const user = await scene.connected();
    const repository = await scene.repository(user.login);
    await user.write({ "a.tf": "one\n" });
    scene.fault({ path: /\/graphql$/, when: "before", respond: LIMITED });
    // The first response closes the credential's gate for all of them.
    for (const path of ["/sync/project", "/sync/manual-trigger", "/sync/plan", "/sync/check-conflicts"]) {
      assertLimited(await user.post(path, projectIn(repository)));
    }
  }),
];
