import { generateKeyPairSync } from "node:crypto";
import { Octokit, App as OctokitApp } from "octokit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGitHubBox, type GitHubApp, type GitHubBox, type Installation } from "../../../src/index.js";
import { type Api, apiClient } from "../api-client.js";
import { appClient, signJwt } from "../app-client.js";
import { connect } from "../app-requests.js";

let now: number;
let box: GitHubBox;
let app: GitHubApp;
let asApp: Api;
let acme: Installation;

beforeAll(async () => {
  now = Date.parse("2026-02-03T04:05:06Z");
  box = await createGitHubBox({ clock: () => now });
  box.addOrganization({ login: "acme", admins: ["boss"], members: ["member"] });
  for (const name of ["one", "two"]) await box.createRepository({ owner: "acme", name, private: true, autoInit: true });
  await box.createRepository({ owner: "acme", name: "open", autoInit: true });
  app = box.addApp({
    name: "Sync It",
    callbackUrls: ["https://host.test/callback"],
    permissions: { contents: "write", administration: "write", members: "read" },
    events: ["push"],
  });
  asApp = appClient(box, app, () => now);
  acme = box.install(app, { account: "acme", by: "boss" });
});
afterAll(() => box.close());

async function mint(body: unknown = {}, installation = acme): Promise<string> {
  return (await asApp("POST", `/app/installations/${installation.id}/access_tokens`, body)).body.token;
}

describe("authentication of a GitHub App", () => {
  it("accepts a JWT whose issuer is the client ID or the App ID", async () => {
    const byClientId = await asApp("GET", "/app");
    expect(byClientId).toMatchObject({ status: 200, body: { id: app.id, slug: "sync-it", installations_count: 1 } });
    expect(byClientId.headers.has("x-ratelimit-limit")).toBe(false);
    const seconds = now / 1000;
    for (const iss of [app.id, String(app.id)]) {
      const jwt = signJwt({ iss, iat: seconds, exp: seconds + 600 }, app.privateKeyPkcs8);
      expect((await apiClient(box, jwt)("GET", "/app")).status).toBe(200);
    }
  });

  const good = () => ({ iss: app.clientId, iat: now / 1000, exp: now / 1000 + 60 });
  const IAT = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
  const EXP =
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  const UNDECODABLE = "A JSON web token could not be decoded";
  const cases: [string, () => string | undefined, number, string][] = [
    ["no token", () => undefined, 401, UNDECODABLE],
    ["a token that is not a JWT", () => "bogus", 401, UNDECODABLE],
    ["a user's token", () => box.addToken({ login: "boss" }), 401, UNDECODABLE],
    ["a JWT without a signature algorithm", () => signJwt(good(), app.privateKey, { alg: "none" }), 401, UNDECODABLE],
    [
      "a JWT signed with a different key",
      () =>
        signJwt(
          good(),
          generateKeyPairSync("rsa", { modulusLength: 2048 })
            .privateKey.export({ type: "pkcs1", format: "pem" })
            .toString(),
        ),
      401,
      UNDECODABLE,
    ],
    ["a JWT issued in the future", () => signJwt({ ...good(), iat: now / 1000 + 30 }, app.privateKey), 401, IAT],
    ["a JWT with a fractional iat", () => signJwt({ ...good(), iat: now / 1000 - 0.5 }, app.privateKey), 401, IAT],
    ["an expired JWT", () => signJwt({ ...good(), exp: now / 1000 }, app.privateKey), 401, EXP],
    [
      "a JWT that expires after more than ten minutes",
      () => signJwt({ ...good(), exp: now / 1000 + 601 }, app.privateKey),
      401,
      "'Expiration time' claim ('exp') is too far in the future",
    ],
    [
      "a JWT of an unknown App",
      () => signJwt({ ...good(), iss: "Iv1.no" }, app.privateKey),
      404,
      "Integration not found",
    ],
  ];

  it.each(cases)("rejects %s", async (_, token, status, message) => {
    const response = await apiClient(box, token())("GET", "/app");
    expect(response).toMatchObject({ status, body: { message } });
    expect(response.headers.get("date")).toBe(new Date(now).toUTCString());
  });

  it("rejects a JWT on routes for tokens", async () => {
    expect(await asApp("GET", "/user")).toMatchObject({ status: 401, body: { message: "Bad credentials" } });
  });

  it("lets Octokit correct a wrong clock by the Date header", async () => {
    const ahead = await createGitHubBox({ clock: () => Date.now() - 3_600_000 });
    const own = ahead.addApp({ permissions: { contents: "read" } });
    const repository = await ahead.createRepository({ owner: "acme", name: "one", private: true });
    const { id } = ahead.install(own, { account: "acme" });
    const request = { fetch: (url: string, init: RequestInit) => ahead.fetch(new Request(url, init)) };
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const octokit = new OctokitApp({
      appId: own.id,
      privateKey: own.privateKey,
      log,
      Octokit: Octokit.defaults({ request, log }),
    });
    const installed = await octokit.getInstallationOctokit(id);
    const { data } = await installed.rest.repos.get({ owner: "acme", repo: "one" });
    expect(data.id).toBe(repository.id);
    await ahead.close();
  });
});

describe("installations of a GitHub App", () => {
  it("lists installations in pages and finds one by ID, organization, user and repository", async () => {
    const other = box.install(app, { account: "ann" });
    const first = await asApp("GET", "/app/installations?per_page=1");
    expect(first.body).toMatchObject([{ id: acme.id, account: { login: "acme" }, target_type: "Organization" }]);
    expect(first.headers.get("link")).toContain('page=2>; rel="next"');
    expect((await asApp("GET", `/app/installations/${other.id}`)).body.html_url).toBe(
      `https://github.com/settings/installations/${other.id}`,
    );
    expect((await asApp("GET", "/orgs/acme/installation")).body.id).toBe(acme.id);
    expect((await asApp("GET", "/users/ann/installation")).body.id).toBe(other.id);
    expect((await asApp("GET", "/repos/acme/one/installation")).body.id).toBe(acme.id);
    expect((await asApp("DELETE", `/app/installations/${other.id}`)).status).toBe(204);
    expect((await asApp("GET", `/app/installations/${other.id}`)).status).toBe(404);
  });

  it("responds with 404 to a different App's installation", async () => {
    const other = box.addApp();
    const response = await appClient(box, other, () => now)("POST", `/app/installations/${acme.id}/access_tokens`);
    expect(response.status).toBe(404);
  });

  it("rejects tokens of an installation while it is suspended", async () => {
    const api = apiClient(box, await mint());
    acme.suspend({ by: "boss" });
    const suspended = await asApp("GET", `/app/installations/${acme.id}`);
    expect(suspended.body).toMatchObject({ suspended_by: { login: "boss" }, suspended_at: "2026-02-03T04:05:06Z" });
    expect((await asApp("POST", `/app/installations/${acme.id}/access_tokens`)).status).toBe(403);
    expect(await api("GET", "/repos/acme/one")).toMatchObject({
      status: 403,
      body: { message: "This installation has been suspended" },
    });
    expect((await asApp("DELETE", `/app/installations/${acme.id}/suspended`)).status).toBe(204);
    expect((await api("GET", "/repos/acme/one")).status).toBe(200);
  });

  it("revokes the tokens of a removed installation", async () => {
    const installation = box.install(app, { account: "bob" });
    const api = apiClient(box, await mint({}, installation));
    expect((await api("GET", "/installation/repositories")).body.total_count).toBe(0);
    installation.remove();
    expect((await api("GET", "/installation/repositories")).status).toBe(401);
  });

  it("grants additional permissions only after acceptPermissions", async () => {
    const own = box.addApp({ permissions: { contents: "read" } });
    const installation = box.install(own, { account: "carl" });
    own.permissions = { ...own.permissions, contents: "write" };
    const granted = async () => {
      const path = `/app/installations/${installation.id}/access_tokens`;
      return (await appClient(box, own, () => now)("POST", path)).body.permissions;
    };
    expect(await granted()).toEqual({ contents: "read", metadata: "read" });
    installation.acceptPermissions();
    expect(await granted()).toEqual({ contents: "write", metadata: "read" });
  });
});

describe("POST /app/installations/{installation_id}/access_tokens", () => {
  it("limits a token to repositories and permissions", async () => {
    const one = box.repository("acme", "one");
    const response = await asApp("POST", `/app/installations/${acme.id}/access_tokens`, {
      repository_ids: [one?.id],
      permissions: { contents: "read" },
    });
    expect(response.status).toBe(201);
    expect(response.body).toMatchObject({
      expires_at: "2026-02-03T05:05:06Z",
      permissions: { contents: "read", metadata: "read" },
      repository_selection: "selected",
      repositories: [{ full_name: "acme/one" }],
    });
    const api = apiClient(box, response.body.token);
    expect((await api("GET", "/repos/acme/one")).status).toBe(200);
    expect((await api("GET", "/repos/acme/two")).status).toBe(404);
    expect((await api("GET", "/installation/repositories")).body).toMatchObject({ total_count: 1 });
    const write = await api("POST", "/repos/acme/one/git/blobs", { content: "x" });
    expect(write).toMatchObject({ status: 403, body: { message: "Resource not accessible by integration" } });
    expect(write.headers.get("x-accepted-github-permissions")).toBe("contents=write");
  });

  it("creates a token for all repositories of the installation by default", async () => {
    const response = await asApp("POST", `/app/installations/${acme.id}/access_tokens`);
    expect(response.body).toMatchObject({ repository_selection: "all" });
    expect(response.body).not.toHaveProperty("repositories");
    const list = await apiClient(box, response.body.token)("GET", "/installation/repositories?per_page=2");
    expect(list.body).toMatchObject({ total_count: 3, repository_selection: "all" });
    expect(list.body.repositories).toHaveLength(2);
    expect(list.headers.get("link")).toContain('rel="last"');
  });

  it("rejects repositories and permissions that the installation does not have, and more than 500 repositories", async () => {
    const request = async (body: unknown) => {
      const response = await asApp("POST", `/app/installations/${acme.id}/access_tokens`, body);
      return [response.status, response.body.message];
    };
    const missing =
      "There is at least one repository that does not exist or is not accessible to the parent installation.";
    expect(await request({ repositories: ["one", "nothing"] })).toEqual([422, missing]);
    expect(await request({ repository_ids: [1] })).toEqual([422, missing]);
    const beyond = "The permissions requested are not granted to this installation.";
    expect(await request({ permissions: { issues: "read" } })).toEqual([422, beyond]);
    expect(await request({ permissions: { members: "write" } })).toEqual([422, beyond]);
    expect((await request({ repositories: Array(501).fill("one") }))[0]).toBe(422);
  });

  it("creates tokens that expire after one hour or when they are revoked", async () => {
    const api = apiClient(box, await mint());
    now += 3_599_000;
    expect((await api("GET", "/repos/acme/one")).status).toBe(200);
    now += 1000;
    expect((await api("GET", "/repos/acme/one")).status).toBe(401);
    const other = apiClient(box, await mint());
    expect((await other("DELETE", "/installation/token")).status).toBe(204);
    expect((await other("GET", "/repos/acme/one")).status).toBe(401);
  });

  it("creates long or short tokens by control.statelessTokens and by header", async () => {
    const path = `/app/installations/${acme.id}/access_tokens`;
    const tokenFor = async (value?: string) =>
      (await asApp("POST", path, {}, value === undefined ? {} : { "x-github-stateless-s2s-token": value })).body.token;
    const long = await tokenFor();
    expect(long).toMatch(new RegExp(`^ghs_${app.id}_[\\w-]+\\.[\\w-]+\\.[\\w-]+$`));
    expect(long.length).toBeGreaterThan(450);
    expect(long.length).toBeLessThan(600);
    expect(await tokenFor("disabled")).toMatch(/^ghs_\w{36}$/);
    box.control.statelessTokens(false);
    expect(await tokenFor()).toMatch(/^ghs_\w{36}$/);
    expect(await tokenFor("enabled")).toMatch(/\./);
    box.control.statelessTokens(true);
    expect((await apiClient(box, long)("GET", "/repos/acme/one")).status).toBe(200);
  });

  it("creates tokens that are rejected for a while after control.tokenReplication", async () => {
    box.control.tokenReplication({ requests: 2 });
    const byRequests = apiClient(box, await mint());
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await byRequests("GET", "/repos/acme/one")).status);
    expect(statuses).toEqual([401, 401, 200]);
    box.control.tokenReplication({ milliseconds: 5000 });
    const byTime = apiClient(box, await mint());
    now += 4999;
    expect((await byTime("GET", "/repos/acme/one")).status).toBe(401);
    now += 1;
    expect((await byTime("GET", "/repos/acme/one")).status).toBe(200);
    box.control.tokenReplication({});
  });

  it("creates tokens that can create repositories in the organization with administration, but not in a user's account", async () => {
    const limited = apiClient(box, await mint({ permissions: { contents: "write" } }));
    const refused = await limited("POST", "/orgs/acme/repos", { name: "new" });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("x-accepted-github-permissions")).toBe("administration=write");
    const api = apiClient(box, await mint());
    expect((await api("POST", "/orgs/acme/repos", { name: "new" })).status).toBe(201);
    expect((await api("POST", "/user/repos", { name: "new" })).status).toBe(403);
  });

  it("gives a selected installation access to repositories that it creates, unless control.createdRepositoriesJoin is off", async () => {
    const own = box.addApp({ permissions: { administration: "write" } });
    const installation = box.install(own, { account: "acme", repositories: ["one"] });
    const path = `/app/installations/${installation.id}/access_tokens`;
    const api = apiClient(box, (await appClient(box, own, () => now)("POST", path)).body.token);
    await api("POST", "/orgs/acme/repos", { name: "joined", private: true });
    expect((await api("GET", "/repos/acme/joined")).status).toBe(200);
    box.control.createdRepositoriesJoin(false);
    await api("POST", "/orgs/acme/repos", { name: "apart", private: true });
    expect((await api("GET", "/repos/acme/apart")).status).toBe(404);
    box.control.createdRepositoriesJoin(true);
  });

  it("applies changes of the selected repositories to existing tokens, also after a rename", async () => {
    const own = box.addApp({ permissions: { contents: "write" } });
    const installation = box.install(own, { account: "acme", repositories: ["one", "acme/two"] });
    const path = `/app/installations/${installation.id}/access_tokens`;
    const api = apiClient(box, (await appClient(box, own, () => now)("POST", path)).body.token);
    box.repository("acme", "two")?.rename("second");
    expect((await api("GET", "/repos/acme/second")).status).toBe(200);
    installation.removeRepositories(["second"]);
    expect((await api("GET", "/repos/acme/second")).status).toBe(404);
    installation.selectAll();
    expect((await api("GET", "/repos/acme/second")).status).toBe(200);
  });
});

describe("user token of a GitHub App", () => {
  it("has access where both the user and the App have access", async () => {
    const own = box.addApp({ callbackUrls: ["https://own.test/cb"], permissions: { contents: "write" } });
    box.install(own, { account: "acme", repositories: ["one"] });
    await box.createRepository({ owner: "acme", name: "hidden", private: true });
    const api = async (login: string) => apiClient(box, await connect(box, own, login));
    const boss = await api("boss");
    expect((await boss("POST", "/repos/acme/one/git/blobs", { content: "x" })).status).toBe(201);
    expect((await boss("GET", "/repos/acme/hidden")).status).toBe(404);
    const outside = await boss("POST", "/repos/acme/open/git/blobs", { content: "x" });
    expect(outside).toMatchObject({ status: 403, body: { message: "Resource not accessible by integration" } });
    expect((await boss("POST", "/user/repos", { name: "x" })).status).toBe(403);
    const member = await api("member");
    expect((await member("GET", "/repos/acme/one")).body.permissions).toMatchObject({ push: false, pull: true });
    expect((await member("POST", "/repos/acme/one/git/blobs", { content: "x" })).status).toBe(403);
    const stranger = await api("stranger");
    expect((await stranger("GET", "/repos/acme/one")).status).toBe(404);
    expect((await stranger("GET", "/user")).headers.get("x-oauth-scopes")).toBe("");
  });

  it("lists the installations and repositories in which the user has explicit access", async () => {
    const own = box.addApp({ callbackUrls: ["https://own.test/cb"] });
    const installation = box.install(own, { account: "acme" });
    box.install(own, { account: "dave" });
    box.repository("acme", "one")?.setPermission("helper", "write");
    const api = async (login: string) => apiClient(box, await connect(box, own, login));
    const seen = async (login: string) =>
      (await (await api(login))("GET", "/user/installations")).body.installations.map(
        ({ account }: { account: { login: string } }) => account.login,
      );
    expect(await seen("boss")).toEqual(["acme"]);
    expect(await seen("member")).toEqual(["acme"]);
    expect(await seen("dave")).toEqual(["dave"]);
    // Access to public repositories is not explicit.
    expect(await seen("stranger")).toEqual([]);
    const helper = await api("helper");
    const list = await helper("GET", `/user/installations/${installation.id}/repositories`);
    expect(list.body).toMatchObject({
      total_count: 1,
      repositories: [{ full_name: "acme/one", permissions: { admin: false, push: true, pull: true } }],
    });
    const stranger = await api("stranger");
    expect((await stranger("GET", `/user/installations/${installation.id}/repositories`)).status).toBe(404);
    const oauth = apiClient(box, box.addToken({ login: "boss" }));
    expect(await oauth("GET", "/user/installations")).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining("authorized to a GitHub App") },
    });
  });

  it("expires after eight hours unless expiry is off, and its refresh revokes the old pair", async () => {
    const exchange = async (parameters: Record<string, string>) => {
      const body = new URLSearchParams({ client_id: app.clientId, client_secret: app.clientSecret, ...parameters });
      const headers = { accept: "application/json" };
      const url = "https://github.com/login/oauth/access_token";
      const response = await box.fetch(new Request(url, { method: "POST", headers, body }));
      return (await response.json()) as { access_token: string; refresh_token: string; error?: string };
    };
    const status = async (token: string) => (await apiClient(box, token)("GET", "/user")).status;
    const url = `https://github.com/login/oauth/authorize?client_id=${app.clientId}`;
    const first = await exchange({ code: (await box.authorize(url, { login: "boss" })).code });
    expect(first).toEqual({
      access_token: expect.stringMatching(/^ghu_\w{36}$/),
      expires_in: 28_800,
      refresh_token: expect.stringMatching(/^ghr_\w{76}$/),
      refresh_token_expires_in: 15_811_200,
      scope: "",
      token_type: "bearer",
    });
    now += 28_799_000;
    expect(await status(first.access_token)).toBe(200);
    now += 1000;
    expect(await status(first.access_token)).toBe(401);
    const refresh = (token: string) => exchange({ grant_type: "refresh_token", refresh_token: token });
    const second = await refresh(first.refresh_token);
    expect(await status(second.access_token)).toBe(200);
    expect((await refresh(first.refresh_token)).error).toBe("bad_refresh_token");
    const third = await refresh(second.refresh_token);
    expect(await status(second.access_token)).toBe(401);
    now += 15_811_200_000;
    expect((await refresh(third.refresh_token)).error).toBe("bad_refresh_token");
    app.expiresUserTokens = false;
    const lasting = await exchange({ code: (await box.authorize(url, { login: "boss" })).code });
    expect(lasting).not.toHaveProperty("refresh_token");
    app.expiresUserTokens = true;
  });

  it("is issued only with a registered callback URL", async () => {
    const own = box.addApp({ callbackUrls: ["https://a.test/cb", "https://b.test/cb"] });
    const url = (redirect: string) =>
      `https://github.com/login/oauth/authorize?client_id=${own.clientId}&redirect_uri=${encodeURIComponent(redirect)}`;
    const visit = box.authorize(url("https://b.test/cb"), { login: "boss" });
    expect((await visit).redirectUrl).toMatch(/^https:\/\/b\.test\/cb\?code=/);
    for (const wrong of ["https://b.test/cb/", "https://b.test/cb?x=1", "https://b.test/cb/sub"]) {
      await expect(box.authorize(url(wrong), { login: "boss" })).rejects.toThrow("not associated");
    }
  });
});

describe("membership of an organization", () => {
  it("is visible to the user, to other members and to an App with members: read", async () => {
    const user = async (login: string, scopes: string[] = ["read:org"]) =>
      apiClient(box, box.addToken({ login, scopes }));
    const role = async (api: Api, path: string) => {
      const { status, body } = await api("GET", path);
      return status === 200 ? [body.state, body.role] : status;
    };
    expect(await role(await user("boss"), "/user/memberships/orgs/acme")).toEqual(["active", "admin"]);
    expect(await role(await user("member"), "/user/memberships/orgs/acme")).toEqual(["active", "member"]);
    expect(await role(await user("stranger"), "/user/memberships/orgs/acme")).toBe(404);
    expect(await role(await user("boss", ["gist"]), "/user/memberships/orgs/acme")).toBe(404);
    expect(await role(await user("member"), "/orgs/acme/memberships/boss")).toEqual(["active", "admin"]);
    expect(await role(await user("stranger"), "/orgs/acme/memberships/boss")).toBe(403);
    const token = apiClient(box, await mint());
    expect(await role(token, "/orgs/acme/memberships/member")).toEqual(["active", "member"]);
    expect(await role(token, "/orgs/acme/memberships/stranger")).toBe(404);
    expect(await role(apiClient(box, await connect(box, app, "boss")), "/user/memberships/orgs/acme")).toEqual([
      "active",
      "admin",
    ]);
    const without = box.addApp({ callbackUrls: ["https://w.test"] });
    expect(await role(apiClient(box, await connect(box, without, "boss")), "/user/memberships/orgs/acme")).toBe(403);
  });
});

describe("box.installFrom", () => {
  it("redirects with installation ID, code and state when the App requests user authorization", async () => {
    const own = box.addApp({ slug: "own", callbackUrls: ["https://own.test/cb"], requestsUserAuthorization: true });
    const url = "https://github.com/apps/own/installations/new?state=xyz";
    const outcome = await box.installFrom(url, { login: "boss", account: "acme", repositories: ["one"] });
    expect(outcome).toMatchObject({ setupAction: "install", state: "xyz", code: expect.stringMatching(/^\w{20}$/) });
    expect(outcome.redirectUrl).toMatch(/^https:\/\/own\.test\/cb\?code=/);
    const { body } = await appClient(box, own, () => now)("GET", `/app/installations/${outcome.installationId}`);
    expect(body).toMatchObject({ account: { login: "acme" }, repository_selection: "selected" });
  });

  it("redirects to the setup URL after an installation, an update, and a request by a member who is not an owner", async () => {
    const own = box.addApp({ slug: "setup", setupUrl: "https://setup.test/done", setupOnUpdate: true });
    const url = "https://github.com/apps/setup/installations/new?state=xyz";
    const first = await box.installFrom(url, { login: "boss", account: "acme" });
    expect(first).toMatchObject({ setupAction: "install", code: "", state: "xyz" });
    const again = await box.installFrom(url, { login: "boss", account: "acme", repositories: ["one"] });
    expect(again).toMatchObject({ setupAction: "update", installationId: first.installationId });
    const { body } = await appClient(box, own, () => now)("GET", `/app/installations/${first.installationId}`);
    expect(body.repository_selection).toBe("selected");
    const asked = await box.installFrom(url, { login: "member", account: "acme" });
    expect(asked).toMatchObject({ setupAction: "request", installationId: undefined });
  });

  it("installs on the account that the URL suggests, and redirects to the login page when no user is signed in", async () => {
    const own = box.addApp({ slug: "suggested", setupUrl: "https://setup.test/done" });
    const acmeId = (await apiClient(box)("GET", "/users/acme")).body.id;
    const url = `https://github.com/apps/suggested/installations/new/permissions?suggested_target_id=${acmeId}`;
    const response = await box.fetch(new Request(url));
    expect(response.headers.get("location")).toMatch(/^https:\/\/github\.com\/login\?return_to=/);
    box.control.signIn("boss");
    await box.fetch(new Request(url));
    const { body } = await appClient(box, own, () => now)("GET", "/app/installations");
    expect(body).toMatchObject([{ account: { login: "acme" } }]);
    box.control.signOut();
    await expect(box.installFrom(url, { login: "boss", deny: true })).rejects.toThrow("was not installed");
  });
});
