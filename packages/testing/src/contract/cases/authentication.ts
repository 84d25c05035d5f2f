import assert from "node:assert/strict";
import { connectionStatusSchema, healthSchema } from "../answers.js";
import { Caller } from "../caller.js";
import { contractCase } from "../contract-case.js";

/** Every endpoint that wants a bearer token. */
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
  ["GET", "/installations"],
  ["POST", "/installation/token"],
  ["POST", "/repositories"],
  ["POST", "/repositories/push"],
  ["POST", "/repositories/sync"],
  ["POST", "/repositories/validate-access"],
  ["GET", "/install"],
];

/** Who is let in, and who is not. */
export const authenticationCases = [
  ...PROTECTED.map(([method, path]) =>
    contractCase(`${method} ${path} is 401 without a token and with a bad one`, async ({ host, nobody }) => {
      const body = method === "POST" ? { body: {} } : {};
      (await nobody.send(method, path, body)).fails(401);
      const stranger = new Caller(host.baseUrl, "Bearer not-a-token");
      const { detail } = (await stranger.send(method, path, body)).fails(401);
      assert.doesNotMatch(detail, /not-a-token/);
    }),
  ),

  contractCase("a token proves its user by nothing less than all of it", async ({ host }) => {
    const tokens = Object.entries(await host.badTokensFor("user-who-is-nobody"));
    assert.ok(tokens.length > 0);
    for (const [fault, token] of tokens) {
      const answer = await new Caller(host.baseUrl, `Bearer ${token}`).get("/connection/status");
      assert.equal(answer.status, 401, `a token was taken: ${fault}`);
      answer.fails(401);
    }
  }),

  contractCase("the token comes as a bearer token and in no other way", async ({ host, nobody }) => {
    const token = await host.tokenFor("user-of-schemes");
    for (const authorization of [token, `Basic ${token}`, `Bearer`, `Bearer ${token} ${token}`]) {
      (await new Caller(host.baseUrl, authorization).get("/connection/status")).fails(401);
    }
    (await nobody.get(`/connection/status?token=${token}&access_token=${token}`)).fails(401);
    (await new Caller(host.baseUrl, `bearer ${token}`).get("/connection/status")).ok(connectionStatusSchema);
  }),

  contractCase("who proves nobody learns nothing of what is wrong with the request besides", async ({ nobody }) => {
    (await nobody.post("/sync/project", { project_id: 1 })).fails(401);
    (await nobody.get("/repositories?page=0")).fails(401);
  }),

  contractCase("GET /health is public, also for who sends a bad token", async ({ host, nobody }) => {
    (await nobody.get("/health")).ok(healthSchema);
    (await new Caller(host.baseUrl, "Bearer not-a-token").get("/health")).ok(healthSchema);
  }),
];
