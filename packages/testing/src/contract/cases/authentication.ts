import assert from "node:assert/strict";
import { Caller } from "../caller.js";
import { contractCase } from "../contract-case.js";
import { connectionStatusSchema, healthSchema } from "../responses.js";

/** Every endpoint that requires a bearer token. */
const PROTECTED: readonly (readonly [method: string, path: string])[] = [
  ["GET", "/auth/login"],
  ["POST", "/auth/callback"],
  ["GET", "/connection/status"],
  ["POST", "/disconnect"],
  ["GET", "/repositories"],
  ["GET", "/repositories/octo/repo"],
  ["POST", "/sync/project"],
  ["POST", "/sync/manual-trigger"],
  ["GET", "/sync/history/network"],
  ["GET", "/sync/status/network"],
  ["POST", "/sync/check-conflicts"],
  ["POST", "/sync/retry"],
  ["GET", "/sync/metrics"],
  ["PUT", "/sync/link/network"],
  ["GET", "/sync/link/network"],
  ["DELETE", "/sync/link/network"],
  ["GET", "/installations"],
  ["POST", "/installation/token"],
  ["POST", "/repositories"],
  ["POST", "/repositories/push"],
  ["POST", "/repositories/sync"],
  ["POST", "/repositories/validate-access"],
  ["GET", "/install"],
  ["GET", "/events?project_id=network"],
  ["POST", "/realtime/ticket"],
];

const FILES = {
  installation_id: 1,
  repo_owner: "octo",
  repo_name: "repo",
  files: { "a.tf": "a\n" },
  commit_message: "Write files",
};

/** Endpoints that require an app on GitHub, each with a valid body. */
const CONFIGURABLE: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", "/auth/login"],
  ["POST", "/auth/callback", { code: "x", state: "x" }],
  ["GET", "/connection/status"],
  ["POST", "/disconnect", {}],
  ["GET", "/repositories"],
  ["GET", "/repositories/octo/repo"],
  ["GET", "/installations"],
  ["GET", "/install"],
  ["POST", "/installation/token", { installation_id: 1 }],
  ["POST", "/repositories", { installation_id: 1, name: "x" }],
  ["POST", "/repositories/push", FILES],
  ["POST", "/repositories/sync", FILES],
  [
    "POST",
    "/repositories/validate-access",
    { user_access_token: "x", installation_id: 1, repo_owner: "octo", repo_name: "repo" },
  ],
];

/** The authentication of all endpoints. */
export const authenticationCases = [
  ...PROTECTED.map(([method, path]) =>
    contractCase(
      `${method} ${path} returns 401 without a token and with an invalid one`,
      async ({ host, anonymous }) => {
        const body = method === "POST" ? { body: {} } : {};
        (await anonymous.send(method, path, body)).fails(401);
        const stranger = new Caller(host.baseUrl, "Bearer not-a-token");
        const { detail } = (await stranger.send(method, path, body)).fails(401);
        assert.doesNotMatch(detail, /not-a-token/);
      },
    ),
  ),

  contractCase("every endpoint returns 401 for a token that is invalid in any part", async ({ host }) => {
    const tokens = Object.entries(await host.badTokensFor("user-of-bad-tokens"));
    assert.ok(tokens.length > 0);
    for (const [fault, token] of tokens) {
      const response = await new Caller(host.baseUrl, `Bearer ${token}`).get("/connection/status");
      assert.equal(response.status, 401, `an invalid token was accepted: ${fault}`);
      response.fails(401);
    }
  }),

  contractCase("every endpoint returns 401 for a user ID that could be taken for another one", async ({ host }) => {
    await host.tokenFor("user-of-ids");
    for (const userId of ["user-of-ids\0", "user\ud800", "\udc00", "u".repeat(201), "u".repeat(5_000), "app:1"]) {
      const caller = new Caller(host.baseUrl, `Bearer ${await host.tokenFor(userId)}`);
      (await caller.get("/connection/status")).fails(401, "unauthenticated");
      (await caller.post("/sync/project", {})).fails(401, "unauthenticated");
    }
    const caller = new Caller(host.baseUrl, `Bearer ${await host.tokenFor("\u{1f511}".repeat(200))}`);
    (await caller.get("/connection/status")).ok(connectionStatusSchema);
  }),

  contractCase("every endpoint accepts a token only as Authorization: Bearer TOKEN", async ({ host, anonymous }) => {
    const token = await host.tokenFor("user-of-schemes");
    for (const authorization of [token, `Basic ${token}`, `Bearer`, `Bearer ${token} ${token}`]) {
      (await new Caller(host.baseUrl, authorization).get("/connection/status")).fails(401);
    }
    (await anonymous.get(`/connection/status?token=${token}&access_token=${token}`)).fails(401);
    (await new Caller(host.baseUrl, `bearer ${token}`).get("/connection/status")).ok(connectionStatusSchema);
  }),

  contractCase("an unauthenticated request returns 401 before it is validated", async ({ anonymous }) => {
    (await anonymous.post("/sync/project", { project_id: 1 })).fails(401);
    (await anonymous.get("/repositories?page=0")).fails(401);
  }),

  ...CONFIGURABLE.map(([method, path, body]) =>
    contractCase(
      `${method} ${path} returns 501 and names the option on a host that did not configure it`,
      async (scene) => {
        const user = await scene.user();
        const { detail } = (await user.send(method, path, { body })).fails(501, "capability_not_configured");
        assert.match(detail, /`(oauth|app)`/);
      },
      "bare",
    ),
  ),

  contractCase("GET /health is public and ignores an invalid token", async ({ host, anonymous }) => {
    (await anonymous.get("/health")).ok(healthSchema);
    (await new Caller(host.baseUrl, "Bearer not-a-token").get("/health")).ok(healthSchema);
  }),
];
