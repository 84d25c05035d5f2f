import assert from "node:assert/strict";
import { contractCase } from "../contract-case.js";
import type { Person } from "../person.js";
import type { Reply } from "../reply.js";
import { authSchema, connectionStatusSchema } from "../responses.js";
import type { Scene } from "../scene.js";

/** `GET /auth/callback`: GitHub's redirect of the browser. */
export const browserCallbackCases = [
  contractCase(
    "GET /auth/callback connects the user of the browser that started the login and redirects it",
    async (scene) => {
      const user = await scene.user();
      const { cookie, query } = await goThrough(scene, user);
      const location = sentOn(scene, await comeBack(scene, query, cookie));
      assert.equal(location.searchParams.get("connected"), "1");
      assert.equal(location.searchParams.get("error"), null);
      assert.equal(await isConnected(user), true);
    },
  ),

  contractCase("GET /auth/callback passes no code or state on to the host's page", async (scene) => {
    const { cookie, query } = await goThrough(scene, await scene.user());
    const { href } = sentOn(scene, await comeBack(scene, query, cookie));
    assert.ok(!href.includes(query.get("code") ?? "") && !href.includes(query.get("state") ?? ""));
  }),

  contractCase("GET /auth/callback does not connect a user without the login cookie", async (scene) => {
    const user = await scene.user();
    const { query } = await goThrough(scene, user);
    assert.equal(sentOn(scene, await comeBack(scene, query)).searchParams.get("error"), "invalid_state");
    assert.equal(await isConnected(user), false);
  }),

  contractCase(
    "GET /auth/callback does not connect a user in another browser than the one that started the login",
    async (scene) => {
      const [user, other] = [await scene.user(), await scene.user()];
      const { query } = await goThrough(scene, user);
      const { cookie } = await goThrough(scene, other);
      assert.equal(sentOn(scene, await comeBack(scene, query, cookie)).searchParams.get("error"), "invalid_state");
      assert.equal(await isConnected(user), false);
      assert.equal(await isConnected(other), false);
    },
  ),

  contractCase("GET /auth/callback accepts an authorization once", async (scene) => {
    const { cookie, query } = await goThrough(scene, await scene.user());
    sentOn(scene, await comeBack(scene, query, cookie));
    assert.equal(sentOn(scene, await comeBack(scene, query, cookie)).searchParams.get("error"), "invalid_state");
  }),

  contractCase(
    "GET /auth/callback redirects with error=authorization_denied when the user denied it",
    async (scene) => {
      const user = await scene.user();
      const { cookie, query } = await goThrough(scene, user, { deny: true });
      assert.equal(query.get("error"), "access_denied");
      assert.match(sentOn(scene, await comeBack(scene, query, cookie)).searchParams.get("error") ?? "", /denied/);
      assert.equal(await isConnected(user), false);
    },
  ),

  contractCase(
    "GET /auth/callback redirects with error=github_account_taken when another user has the account",
    async (scene) => {
      const [user, other] = [await scene.connected(), await scene.user()];
      const { cookie, query } = await goThrough(scene, other, { login: user.login });
      assert.equal(
        sentOn(scene, await comeBack(scene, query, cookie)).searchParams.get("error"),
        "github_account_taken",
      );
      assert.equal(await isConnected(other), false);
    },
  ),

  contractCase("GET /auth/callback redirects with an error when parameters are missing or invalid", async (scene) => {
    for (const query of [
      "",
      "code=x",
      "state=x",
      "code=x&state=made-up",
      "code=a&code=b&state=x",
      "code=x&state=x&installation_id=one",
    ]) {
      const { searchParams } = sentOn(scene, await comeBack(scene, new URLSearchParams(query)));
      assert.match(searchParams.get("error") ?? "", /^[a-z_]+$/);
    }
  }),

  contractCase("GET /auth/callback does not repeat the text of the error parameter", async (scene) => {
    const words = "<script>alert(1)</script>";
    const { href } = sentOn(scene, await comeBack(scene, new URLSearchParams({ error: words, state: words })));
    assert.doesNotMatch(decodeURIComponent(href), /script/);
  }),

  contractCase(
    "GET /auth/callback returns 501 and names the option when afterConnectUrl is not set",
    async (scene) => {
      const { detail } = (await scene.anonymous.get("/auth/callback?code=x&state=x")).fails(
        501,
        "capability_not_configured",
      );
      assert.match(detail, /afterConnectUrl/);
    },
    "no-browser",
  ),
];

async function goThrough(
  scene: Scene,
  user: Person,
  { login = user.login, deny = false }: { readonly login?: string; readonly deny?: boolean } = {},
): Promise<{ readonly cookie: string; readonly query: URLSearchParams }> {
  const began = await user.get("/auth/login");
  const { redirectUrl } = await scene.box.authorize(began.ok(authSchema).authorization_url, { login, deny });
  return { cookie: began.cookie, query: new URL(redirectUrl).searchParams };
}

function comeBack(scene: Scene, query: URLSearchParams, cookie?: string): Promise<Reply> {
  return scene.anonymous.get(`/auth/callback?${query}`, { headers: cookie === undefined ? {} : { cookie } });
}

/** Asserts that the browser is redirected to the host's page, whose own query is kept. */
function sentOn(scene: Scene, response: Reply): URL {
  const location = response.redirect();
  const place = new URL(scene.host.afterConnectUrl);
  assert.equal(location.origin + location.pathname, place.origin + place.pathname);
  for (const [name, value] of place.searchParams) assert.equal(location.searchParams.get(name), value);
  return location;
}

async function isConnected(user: Person): Promise<boolean> {
  return (await user.get("/connection/status")).ok(connectionStatusSchema).connected;
}
