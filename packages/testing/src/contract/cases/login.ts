import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import { authSchema, connectionStatusSchema, profileSchema } from "../responses.js";

const TEN_MINUTES = 10 * 60_000;

/** `GET /auth/login` and `POST /auth/callback`. */
export const loginCases = [
  contractCase("GET /auth/login returns the authorization URL and its state", async (scene) => {
    const user = await scene.user();
    const response = (await user.get("/auth/login")).ok(authSchema);
    const url = new URL(response.authorization_url);
    assert.equal(url.pathname, "/login/oauth/authorize");
    assert.equal(url.searchParams.get("state"), response.state);
    assert.equal(url.searchParams.get("code_challenge_method"), "S256");
    assert.match(url.searchParams.get("code_challenge") ?? "", /^[\w-]{43}$/);
    assert.ok(response.state.length >= 32, "a state that the server creates is long");
  }),

  contractCase("GET /auth/login creates a new state for each request", async (scene) => {
    const user = await scene.user();
    const states = await Promise.all([1, 2, 3].map(async () => (await user.get("/auth/login")).ok(authSchema).state));
    assert.equal(new Set(states).size, 3);
  }),

  contractCase("GET /auth/login keeps the client's state unchanged until the callback", async (scene) => {
    const user = await scene.user();
    const state = "tab=2&back=/a b#ü".replace("ü", "~");
    const response = (await user.get(`/auth/login?state=${encodeURIComponent(state)}`)).ok(authSchema);
    assert.equal(response.state, state);
    const back = await scene.box.authorize(response.authorization_url, { login: user.login });
    assert.equal(back.state, state);
    (await user.post("/auth/callback", { code: back.code, state })).ok(profileSchema);
  }),

  contractCase("GET /auth/login keeps equal states of two users apart", async (scene) => {
    const state = scene.name("same-state");
    const users = [await scene.user(), await scene.user()] as const;
    const begun = await Promise.all(
      users.map(async (user) => (await user.get(`/auth/login?state=${state}`)).ok(authSchema).authorization_url),
    );
    for (const [index, user] of users.entries()) {
      const { code } = await scene.box.authorize(begun[index] ?? "", { login: user.login });
      assert.equal((await user.post("/auth/callback", { code, state })).ok(profileSchema).login, user.login);
    }
  }),

  contractCase("GET /auth/login uses the OAuth App by default and the GitHub App with client=app", async (scene) => {
    const user = await scene.user();
    const clientOf = async (query: string): Promise<string | null> => {
      const { authorization_url } = (await user.get(`/auth/login${query}`)).ok(authSchema);
      return new URL(authorization_url).searchParams.get("client_id");
    };
    const oauth = await clientOf("");
    assert.equal(await clientOf("?client=oauth"), oauth);
    assert.equal(await clientOf("?client=app"), scene.host.app.clientId);
    assert.notEqual(oauth, scene.host.app.clientId);
    (await user.get("/auth/login?client=other")).refuses("client");
  }),

  contractCase("GET /auth/login returns 422 for a state that GitHub would not return unchanged", async (scene) => {
    const user = await scene.user();
    for (const state of ["", "ü".repeat(16), `${"a".repeat(16)}\nb`, "settings", "x".repeat(15), "x".repeat(1_001)]) {
      (await user.get(`/auth/login?state=${encodeURIComponent(state)}`)).fails(422);
    }
  }),

  contractCase("GET /auth/login sets an HttpOnly, SameSite=Lax cookie", async (scene) => {
    const user = await scene.user();
    const response = await user.get("/auth/login");
    const [cookie = ""] = response.headers.getSetCookie();
    assert.match(cookie, /;\s*HttpOnly(;|$)/i);
    assert.match(cookie, /;\s*SameSite=Lax(;|$)/i);
    assert.ok(!cookie.includes(response.ok(authSchema).state), "the cookie does not contain the state");
  }),

  contractCase(
    "GET /auth/login sets a Secure cookie when the redirect URI is https, even behind a proxy",
    async (scene) => {
      const user = await scene.user();
      for (const path of ["/auth/login", `/install?state=${scene.name("client-state")}`]) {
        const [cookie = ""] = (await user.get(path)).headers.getSetCookie();
        assert.match(cookie, /^__Host-/);
        assert.match(cookie, /;\s*Secure(;|$)/i);
      }
    },
  ),

  contractCase("POST /auth/callback connects the account and returns its profile", async (scene) => {
    const user = await scene.user(scene.name("full"));
    const login = scene.name("octo");
    const account = scene.box.addUser({
      login,
      name: "Octo Cat",
      email: "octo@example.com",
      company: "@github",
      location: "Sea",
      bio: "Nine lives",
      followers: 3,
      following: 4,
      createdAt: "2011-01-25T18:44:36Z",
    });
    const { authorization_url, state } = (await user.get("/auth/login")).ok(authSchema);
    const { code } = await scene.box.authorize(authorization_url, { login });
    const { avatar_url, html_url, ...profile } = (await user.post("/auth/callback", { code, state })).ok(profileSchema);
    assert.deepEqual(profile, {
      id: account.id,
      login,
      email: "octo@example.com",
      name: "Octo Cat",
      company: "@github",
      location: "Sea",
      bio: "Nine lives",
      public_repos: 0,
      followers: 3,
      following: 4,
      created_at: "2011-01-25T18:44:36Z".replace("Z", profile.created_at?.includes(".") ? ".000Z" : "Z"),
    });
    assert.match(html_url ?? "", new RegExp(`/${login}$`));
    assert.notEqual(avatar_url, null);
  }),

  contractCase("POST /auth/callback returns null for empty fields of the profile", async (scene) => {
    const user = await scene.user();
    const { authorization_url, state } = (await user.get("/auth/login")).ok(authSchema);
    const { code } = await scene.box.authorize(authorization_url, { login: user.login });
    const profile = (await user.post("/auth/callback", { code, state })).ok(profileSchema);
    assert.deepEqual([profile.email, profile.company, profile.location, profile.bio], [null, null, null, null]);
  }),

  contractCase("POST /auth/callback accepts a state once", async (scene) => {
    const user = await scene.user();
    const { authorization_url, state } = (await user.get("/auth/login")).ok(authSchema);
    const { code } = await scene.box.authorize(authorization_url, { login: user.login });
    (await user.post("/auth/callback", { code, state })).ok(profileSchema);
    const again = await scene.box.authorize(authorization_url, { login: user.login });
    (await user.post("/auth/callback", { code: again.code, state })).fails(400, "invalid_state");
  }),

  contractCase("POST /auth/callback accepts a state once among concurrent requests", async (scene) => {
    const user = await scene.user();
    const { authorization_url, state } = (await user.get("/auth/login")).ok(authSchema);
    const { code } = await scene.box.authorize(authorization_url, { login: user.login });
    const answers = await Promise.all([1, 2, 3, 4].map(() => user.post("/auth/callback", { code, state })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    for (const response of answers.filter(({ status }) => status !== 200)) response.fails(400, "invalid_state");
  }),

  contractCase(
    "POST /auth/callback returns 400 for an unknown state and for a state of another user",
    async (scene) => {
      const [user, other] = [await scene.user(), await scene.user()];
      const { authorization_url, state } = (await user.get("/auth/login")).ok(authSchema);
      const { code } = await scene.box.authorize(authorization_url, { login: user.login });
      (await other.post("/auth/callback", { code, state })).fails(400, "invalid_state");
      (await other.post("/auth/callback", { code, state: "made-up" })).fails(400, "invalid_state");
      assert.equal((await other.get("/connection/status")).ok(connectionStatusSchema).connected, false);
      (await user.post("/auth/callback", { code, state })).ok(profileSchema);
    },
  ),

  contractCase("POST /auth/callback accepts a state for 10 minutes", async (scene) => {
    const user = await scene.user();
    const late = (await user.get("/auth/login")).ok(authSchema);
    await scene.host.advance(TEN_MINUTES / 2);
    const inTime = (await user.get("/auth/login")).ok(authSchema);
    await scene.host.advance(TEN_MINUTES / 2 + 1_000);
    for (const [{ authorization_url, state }, isLate] of [
      [late, true],
      [inTime, false],
    ] as const) {
      const { code } = await scene.box.authorize(authorization_url, { login: user.login });
      const response = await user.post("/auth/callback", { code, state });
      if (isLate) response.fails(400, "invalid_state");
      else response.ok(profileSchema);
    }
  }),

  contractCase("POST /auth/callback returns 400 for a code that GitHub rejects", async (scene) => {
    const user = await scene.user();
    const { state } = (await user.get("/auth/login")).ok(authSchema);
    (await user.post("/auth/callback", { code: "made-up", state })).fails(400, "oauth_failed");
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, false);
  }),

  contractCase("POST /auth/callback returns 422 with the missing or invalid field", async (scene) => {
    const user = await scene.user();
    (await user.post("/auth/callback", { state: "x" })).refuses("code");
    (await user.post("/auth/callback", { code: "x" })).refuses("state");
    (await user.post("/auth/callback", { code: 1, state: "x" })).refuses("code");
    (await user.post("/auth/callback", { code: "x", state: "x", installation_id: "one" })).refuses("installation_id");
  }),

  contractCase("POST /auth/callback returns 400 for an account that is connected to another user", async (scene) => {
    const [user, other] = [await scene.connected(), await scene.user()];
    const { authorization_url, state } = (await other.get("/auth/login")).ok(authSchema);
    const { code } = await scene.box.authorize(authorization_url, { login: user.login });
    (await other.post("/auth/callback", { code, state })).fails(400, "github_account_taken");
    assert.equal((await other.get("/connection/status")).ok(connectionStatusSchema).connected, false);
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, true);
  }),
];
