import { createHash, randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createGitHubBox, type GitHubBox, type OAuthClient } from "../../../src/index.js";
import { apiClient } from "../api-client.js";

let now: number;
let box: GitHubBox;
let app: OAuthClient;

beforeEach(async () => {
  now = Date.parse("2026-02-03T04:05:06Z");
  box = await createGitHubBox({ clock: () => now });
  app = box.addOAuthApp({ clientId: "client", clientSecret: "secret", callbackUrls: ["https://host.test/callback"] });
  return () => box.close();
});

function authorizeUrl(parameters: Record<string, string> = {}, origin = "https://github.com"): string {
  return `${origin}/login/oauth/authorize?${new URLSearchParams({ client_id: "client", state: "xyz", ...parameters })}`;
}

/** Exchanges a code or refresh token. */
async function exchange(
  parameters: Record<string, string>,
  headers: Record<string, string> = { accept: "application/json" },
): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  const body = new URLSearchParams({ client_id: "client", client_secret: "secret", ...parameters });
  const url = "https://github.com/login/oauth/access_token";
  const response = await box.fetch(new Request(url, { method: "POST", headers, body }));
  const text = await response.text();
  return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : {}, text };
}

async function connect(login: string, parameters: Record<string, string> = {}): Promise<string> {
  const { code } = await box.authorize(authorizeUrl(parameters), { login });
  return String((await exchange({ code })).body.access_token);
}

const user = (token: string) => apiClient(box, token)("GET", "/user");

describe("GET /login/oauth/authorize", () => {
  it("redirects with a code, which is exchanged for a token, and the state", async () => {
    box.control.signIn("octocat");
    const request = new Request(authorizeUrl({ scope: "repo user:email" }), { redirect: "manual" });
    const response = await box.fetch(request);
    expect(response.status).toBe(302);
    const target = new URL(response.headers.get("location") ?? "");
    expect(target.origin + target.pathname).toBe("https://host.test/callback");
    expect(target.searchParams.get("state")).toBe("xyz");
    const { status, body } = await exchange({ code: target.searchParams.get("code") ?? "" });
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^gho_\w{36}$/),
      scope: "repo,user:email",
      token_type: "bearer",
    });
    const { body: profile, headers } = await user(String(body.access_token));
    expect(profile.login).toBe("octocat");
    expect(headers.get("x-oauth-scopes")).toBe("repo, user:email");
    expect(headers.get("x-oauth-client-id")).toBe("client");
    const personal = await apiClient(box, box.addToken({ login: "octocat" }))("GET", "/user");
    expect(personal.headers.has("x-oauth-client-id")).toBe(false);
  });

  it("redirects to the login page when no user is signed in", async () => {
    const response = await box.fetch(new Request(authorizeUrl()));
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.href).toMatch(/^https:\/\/github\.com\/login\?client_id=client&return_to=/);
    expect(location.searchParams.get("return_to")).toBe(
      new URL(authorizeUrl()).pathname + new URL(authorizeUrl()).search,
    );
  });

  it("redirects with an error when the user denies or the application is suspended", async () => {
    const denied = await box.authorize(authorizeUrl(), { login: "octocat", deny: true });
    expect(denied).toMatchObject({ code: "", state: "xyz", error: "access_denied" });
    expect(new URL(denied.redirectUrl).searchParams.get("error_description")).toBe(
      "The user has denied your application access.",
    );
    app.isSuspended = true;
    expect((await box.authorize(authorizeUrl(), { login: "octocat" })).error).toBe("application_suspended");
  });

  it("shows a 404 page for an unknown client", async () => {
    await expect(box.authorize(authorizeUrl({ client_id: "no" }), { login: "octocat" })).rejects.toThrow("404");
  });

  it("grants fewer scopes after control.grantScopes, and without scope those granted before", async () => {
    box.control.grantScopes(["read:user"]);
    const { code } = await box.authorize(authorizeUrl({ scope: "repo,user" }), { login: "octocat" });
    expect((await exchange({ code })).body.scope).toBe("read:user");
    box.control.grantScopes(undefined);
    await connect("octocat", { scope: "gist unknown gist" });
    const again = await box.authorize(authorizeUrl(), { login: "octocat" });
    expect((await exchange({ code: again.code })).body.scope).toBe("gist,read:user");
    const other = await box.authorize(authorizeUrl(), { login: "hubot" });
    expect((await exchange({ code: other.code })).body.scope).toBe("");
  });
});

describe("redirect_uri of an OAuth app", () => {
  const cases: [string, string, boolean][] = [
    ["http://example.com/path", "http://example.com/path", true],
    ["http://example.com/path", "http://example.com/path/subdir/other", true],
    ["http://example.com/path", "http://oauth.example.com/path", true],
    ["http://example.com/path", "http://example.com/path?x=1", true],
    ["http://example.com/path", "http://example.com/bar", false],
    ["http://example.com/path", "http://example.com/pathology", false],
    ["http://example.com/path", "http://example.com/", false],
    ["http://example.com/path", "http://example.com:8080/path", false],
    ["http://example.com/path", "https://example.com/path", false],
    ["http://example.com/path", "http://evilexample.com/path", false],
    ["http://example.com/path", "http://example.com@evil.test/path", false],
    ["http://example.com/path", "http://example.com/path/../bar", false],
    ["http://127.0.0.1/path", "http://127.0.0.1:1234/path", true],
    ["http://127.0.0.1/path", "http://127.0.0.1:1234/other", false],
  ];

  it.each(cases)(
    "with the registered URL %s and the requested URL %s is allowed: %s",
    async (registered, wanted, isAllowed) => {
      app.callbackUrls = [registered];
      const visit = box.authorize(authorizeUrl({ redirect_uri: wanted }), { login: "octocat" });
      if (isAllowed) expect((await visit).redirectUrl).toContain(wanted);
      else await expect(visit).rejects.toThrow("redirect_uri is not associated with this application");
    },
  );
});

describe("POST /login/oauth/access_token", () => {
  it("accepts a code once, for ten minutes, from the client that it was issued to", async () => {
    const first = await box.authorize(authorizeUrl(), { login: "octocat" });
    box.addOAuthApp({ clientId: "other", clientSecret: "secret", callbackUrls: ["https://other.test"] });
    expect((await exchange({ code: first.code, client_id: "other" })).body.error).toBe("bad_verification_code");
    expect((await exchange({ code: first.code })).body.access_token).toBeDefined();
    expect(await exchange({ code: first.code })).toMatchObject({
      status: 200,
      body: {
        error: "bad_verification_code",
        error_description: "The code passed is incorrect or expired.",
        error_uri:
          "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#bad-verification-code",
      },
    });
    const late = await box.authorize(authorizeUrl(), { login: "octocat" });
    now += 10 * 60 * 1000;
    expect((await exchange({ code: late.code })).body.error).toBe("bad_verification_code");
  });

  it("rejects a code verifier that does not match the challenge", async () => {
    const verifier = randomBytes(32).toString("base64url");
    const challenge = {
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    };
    for (const given of [{}, { code_verifier: "wrong" }]) {
      const { code } = await box.authorize(authorizeUrl(challenge), { login: "octocat" });
      expect((await exchange({ code, ...given } as Record<string, string>)).body.error).toBe("bad_verification_code");
    }
    const { code } = await box.authorize(authorizeUrl(challenge), { login: "octocat" });
    expect((await exchange({ code, code_verifier: verifier })).body.access_token).toBeDefined();
    const plain = await box.authorize(authorizeUrl({ code_challenge: verifier }), { login: "octocat" });
    expect(plain.error).toBe("invalid_request");
  });

  it("responds to errors with 200, and to an unknown client ID with 404", async () => {
    const { code } = await box.authorize(authorizeUrl(), { login: "octocat" });
    const error = async (parameters: Record<string, string>) => {
      const { status, body } = await exchange({ code, ...parameters });
      return [status, body.error];
    };
    expect(await error({ client_secret: "wrong" })).toEqual([200, "incorrect_client_credentials"]);
    expect(await error({ redirect_uri: "https://host.test/callback/x" })).toEqual([200, "redirect_uri_mismatch"]);
    expect(await error({ grant_type: "password" })).toEqual([200, "unsupported_grant_type"]);
    expect(await error({ grant_type: "refresh_token", refresh_token: "ghr_x" })).toEqual([200, "bad_refresh_token"]);
    expect(await error({ client_id: "no" })).toEqual([404, "Not Found"]);
    box.control.verifiedEmail("octocat", false);
    expect(await error({})).toEqual([200, "unverified_user_email"]);
    box.control.verifiedEmail("octocat", true);
    const again = await box.authorize(authorizeUrl(), { login: "octocat" });
    expect((await exchange({ code: again.code })).body.access_token).toBeDefined();
  });

  it("responds with a form without Accept, and reads parameters from JSON", async () => {
    const first = await box.authorize(authorizeUrl({ scope: "repo gist" }), { login: "octocat" });
    const { text } = await exchange({ code: first.code }, {});
    expect(Object.fromEntries(new URLSearchParams(text))).toMatchObject({ scope: "gist,repo", token_type: "bearer" });
    const { code } = await box.authorize(authorizeUrl(), { login: "octocat" });
    const request = new Request("https://github.com/login/oauth/access_token", {
      method: "POST",
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify({ client_id: "client", client_secret: "secret", code }),
    });
    expect(await (await box.fetch(request)).json()).toMatchObject({ token_type: "bearer" });
  });

  it("revokes the oldest token when a user has more than ten for the same scopes", async () => {
    const tokens: string[] = [];
    for (let index = 0; index < 11; index += 1) tokens.push(await connect("octocat", { scope: "repo" }));
    await connect("octocat", { scope: "gist" });
    await connect("hubot", { scope: "repo" });
    const statuses = await Promise.all(tokens.map(async (token) => (await user(token)).status));
    expect(statuses).toEqual([401, ...Array(10).fill(200)]);
  });
});

describe("/applications/{client_id}/token and /grant", () => {
  const manage = (method: string, what: string, access_token: string, secret = "secret") =>
    apiClient(box)(
      method,
      `/applications/client/${what}`,
      { access_token },
      { authorization: `Basic ${Buffer.from(`client:${secret}`).toString("base64")}` },
    );

  it("checks, resets and deletes a token", async () => {
    const token = await connect("octocat", { scope: "repo" });
    const checked = await manage("POST", "token", token);
    expect(checked.status).toBe(200);
    expect(checked.headers.get("x-ratelimit-limit")).toBe("5000");
    expect(checked.body).toMatchObject({
      app: { name: app.name, url: app.url, client_id: "client" },
      token,
      hashed_token: createHash("sha256").update(token).digest("hex"),
      token_last_eight: token.slice(-8),
      scopes: ["repo"],
      user: { login: "octocat" },
    });
    const reset = await manage("PATCH", "token", token);
    expect(reset).toMatchObject({ status: 200, body: { id: checked.body.id } });
    expect((await user(token)).status).toBe(401);
    expect((await user(reset.body.token)).status).toBe(200);
    expect((await manage("DELETE", "token", reset.body.token)).status).toBe(204);
    expect((await user(reset.body.token)).status).toBe(401);
    expect((await manage("POST", "token", reset.body.token)).status).toBe(404);
  });

  it("deletes a grant with all tokens of the user", async () => {
    const [first, second] = [await connect("octocat"), await connect("octocat", { scope: "repo" })];
    const other = await connect("hubot");
    expect((await manage("DELETE", "grant", first)).status).toBe(204);
    expect((await user(first)).status).toBe(401);
    expect((await user(second)).status).toBe(401);
    expect((await user(other)).status).toBe(200);
  });

  it("rejects a wrong secret and tokens of other clients", async () => {
    const token = await connect("octocat");
    expect(await manage("POST", "token", token, "wrong")).toMatchObject({ status: 401 });
    expect((await apiClient(box, token)("POST", "/applications/client/token", { access_token: token })).status).toBe(
      404,
    );
    expect((await manage("POST", "token", box.addToken({ login: "octocat" }))).status).toBe(404);
    expect((await user(token)).status).toBe(200);
  });
});

describe("OAuth of a box", () => {
  it("revokeGrant revokes the tokens and forgets the scopes", async () => {
    const token = await connect("octocat", { scope: "repo" });
    box.revokeGrant(app, "octocat");
    expect(await user(token)).toMatchObject({ status: 401, body: { message: "Bad credentials" } });
    const { code } = await box.authorize(authorizeUrl(), { login: "octocat" });
    expect((await exchange({ code })).body.scope).toBe("");
  });

  it("works over HTTP on the origin of the API", async () => {
    const server = await box.listen();
    const { code } = await box.authorize(authorizeUrl({}, server.serverUrl), { login: "octocat" });
    const response = await fetch(`${server.serverUrl}/login/oauth/access_token`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ client_id: "client", client_secret: "secret", code }),
    });
    const { access_token } = (await response.json()) as { access_token: string };
    const profile = await fetch(`${server.apiUrl}/user`, { headers: { authorization: `Bearer ${access_token}` } });
    expect(await profile.json()).toMatchObject({ login: "octocat" });
    expect(box.count("POST /login/oauth/access_token")).toBe(1);
  });

  it("adds private members to GET /user with the scope user", async () => {
    box.addUser({ login: "ann", name: "Ann", email: "ann@example.com", company: "Acme", followers: 3, bio: "Hi" });
    await box.createRepository({ owner: "ann", name: "open" });
    await box.createRepository({ owner: "ann", name: "secret", private: true });
    const { body: open } = await user(await connect("ann", { scope: "repo" }));
    expect(open).toMatchObject({
      name: "Ann",
      email: "ann@example.com",
      company: "Acme",
      followers: 3,
      public_repos: 1,
    });
    expect(open).not.toHaveProperty("total_private_repos");
    const { body } = await user(await connect("ann", { scope: "user" }));
    expect(body).toMatchObject({ total_private_repos: 1, plan: { name: "free" } });
    const repositories = apiClient(box, await connect("ann", { scope: "user" }));
    expect((await repositories("GET", "/user/repos")).body).toMatchObject([{ name: "open" }]);
  });
});
