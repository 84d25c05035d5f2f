import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { connectionStatusSchema, disconnectSchema, repositoryListSchema } from "../responses.js";

const EIGHT_HOURS = 8 * 60 * 60_000;
const REVOKE = "DELETE /applications/{client_id}/token";
const EXCHANGE = "POST /login/oauth/access_token";

/** `GET /connection/status` and `POST /disconnect`. */
export const connectionCases = [
  contractCase(
    "GET /connection/status returns null in all other fields for a user who is not connected",
    async (scene) => {
      const status = (await (await scene.user()).get("/connection/status")).ok(connectionStatusSchema);
      const { connected, username, connected_at, repositories_count, permissions, reauth_required = false } = status;
      assert.deepEqual(
        { connected, username, connected_at, repositories_count, permissions, reauth_required },
        {
          connected: false,
          username: null,
          connected_at: null,
          repositories_count: null,
          permissions: null,
          reauth_required: false,
        },
      );
    },
  ),

  contractCase(
    "GET /connection/status returns the number of all repositories and the granted scopes",
    async (scene) => {
      const user = await scene.user();
      for (let made = 0; made < 3; made += 1) await scene.repository(user.login);
      const before = scene.host.now() - 1_000;
      scene.box.control.grantScopes(["read:user", "repo"]);
      try {
        await scene.connect(user);
      } finally {
        scene.box.control.grantScopes(undefined);
      }
      const status = (await user.get("/connection/status")).ok(connectionStatusSchema);
      assert.equal(status.connected, true);
      assert.equal(status.username, user.login);
      assert.equal(status.repositories_count, 3);
      assert.deepEqual([...(status.permissions ?? [])].sort(), ["read:user", "repo"]);
      assert.deepEqual([...(status.missing_permissions ?? [])].sort(), ["user:email", "workflow"]);
      assert.ok(Date.parse(status.connected_at ?? "") >= before);
      assert.notEqual(status.reauth_required, true);
    },
  ),

  contractCase("GET /connection/status returns 200 while GitHub is unavailable", async (scene) => {
    const user = await scene.connected();
    scene.fault({ when: "before", respond: { status: 503 } });
    const status = (await user.get("/connection/status")).ok(connectionStatusSchema);
    assert.equal(status.connected, true);
    assert.equal(status.username, user.login);
  }),

  contractCase("GET /connection/status returns reauth_required after the token was revoked", async (scene) => {
    const user = await scene.connected("app");
    scene.box.revokeGrant(scene.host.app, user.login);
    const status = (await user.get("/connection/status")).ok(connectionStatusSchema);
    assert.equal(status.connected, false);
    assert.equal(status.reauth_required, true);
    (await user.get("/repositories")).fails(400, "reauth_required");
    await scene.connect(user, "app");
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, true);
  }),

  contractCase("GET /connection/status returns each user's own account", async (scene) => {
    const users = [await scene.connected(), await scene.connected(), await scene.user()];
    const told = await Promise.all(
      users.map(async (user) => (await user.get("/connection/status")).ok(connectionStatusSchema).username),
    );
    assert.deepEqual(told, [users[0]?.login, users[1]?.login, null]);
  }),

  contractCase("POST /disconnect revokes the token by default and frees the account", async (scene) => {
    const [user, other] = [await scene.connected(), await scene.user()];
    const before = scene.box.count(REVOKE);
    assert.equal((await user.post("/disconnect", {})).ok(disconnectSchema).token_revoked, true);
    assert.equal(scene.box.count(REVOKE), before + 1);
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, false);
    await scene.connect(other, "oauth", user.login);
  }),

  contractCase("POST /disconnect keeps the token with revoke_token: false", async (scene) => {
    const user = await scene.connected();
    const before = scene.box.count(REVOKE);
    assert.equal((await user.post("/disconnect", { revoke_token: false })).ok(disconnectSchema).token_revoked, false);
    assert.equal(scene.box.count(REVOKE), before);
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, false);
  }),

  contractCase("POST /disconnect treats a missing body as an empty object", async (scene) => {
    const user = await scene.connected();
    assert.equal((await user.post("/disconnect")).ok(disconnectSchema).token_revoked, true);
  }),

  contractCase(
    "POST /disconnect disconnects while GitHub is unavailable and returns token_revoked: false",
    async (scene) => {
      const user = await scene.connected();
      scene.fault({ path: /^\/(api\/v3\/)?applications\//, when: "before", respond: { status: 503 } });
      assert.equal((await user.post("/disconnect", {})).ok(disconnectSchema).token_revoked, false);
      assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, false);
    },
  ),

  contractCase("POST /disconnect returns 400 for a user who is not connected", async (scene) => {
    const user = await scene.user();
    (await user.post("/disconnect", {})).fails(400, "github_not_connected");
    (await user.post("/disconnect", { revoke_token: "maybe" })).refuses("revoke_token");
  }),

  contractCase("concurrent requests refresh an expired token once", async (scene) => {
    const user = await scene.connected("app");
    await scene.host.advance(EIGHT_HOURS);
    const before = scene.box.count(EXCHANGE);
    const answers = await Promise.all(Array.from({ length: 8 }, () => user.get("/repositories")));
    for (const response of answers) response.ok(repositoryListSchema);
    assert.equal(scene.box.count(EXCHANGE), before + 1);
  }),
];
