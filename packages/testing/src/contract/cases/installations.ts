import assert from "node:assert/strict";
import {
  accessSchema,
  appRepositorySchema,
  installationsSchema,
  installationTokenSchema,
  installLinkSchema,
} from "../app-responses.js";
import { contractCase } from "../contract-case.js";
import { authSchema, connectionStatusSchema, profileSchema } from "../responses.js";

/** Installations of the GitHub App: ownership, tokens, repositories and the install link. */
export const installationCases = [
  contractCase("GET /installations lists the installations that the user's connection can access", async (scene) => {
    const { owner, account, installation } = await scene.installation();
    const [listed, ...others] = (await owner.get("/installations")).ok(installationsSchema);
    assert.deepEqual(others, []);
    const { created_at, updated_at, ...rest } = listed ?? {};
    assert.deepEqual(rest, {
      id: installation.id,
      account_login: account,
      account_type: "Organization",
      permissions: installation.permissions,
      events: [...installation.events],
      suspended_at: null,
      pending: false,
      missing_permissions: missing(installation.permissions),
    });
    assert.ok(created_at !== undefined && updated_at !== undefined);
  }),

  contractCase("GET /installations accepts the user's token in X-GitHub-Token", async (scene) => {
    const { owner, installation } = await scene.installation();
    const user = await scene.user();
    const headers = { "x-github-token": await scene.appUserToken(owner.login) };
    const listed = (await user.get("/installations", { headers })).ok(installationsSchema);
    assert.deepEqual(
      listed.map(({ id }) => id),
      [installation.id],
    );
  }),

  contractCase("GET /installations returns all pages", async (scene) => {
    const owner = await scene.connected("app");
    const made: number[] = [];
    for (let count = 0; count < 103; count += 1) {
      const account = scene.name("org");
      scene.box.addOrganization({ login: account, admins: [owner.login] });
      made.push(scene.box.install(scene.host.app, { account }).id);
    }
    const listed = (await owner.get("/installations")).ok(installationsSchema);
    assert.deepEqual(listed.map(({ id }) => id).sort(), made.sort());
  }),

  contractCase("GET /installations returns 400 without a token and a connection", async (scene) => {
    (await (await scene.user()).get("/installations")).fails(400, "github_not_connected");
    const user = await scene.connected("app");
    const headers = { "x-github-token": "gho_made_up" };
    (await user.get("/installations", { headers })).fails(400, "reauth_required");
  }),

  contractCase("POST /installation/token returns a token of the user's own installation", async (scene) => {
    const { owner, installation, repository } = await scene.installation();
    const token = (await owner.post("/installation/token", { installation_id: installation.id })).ok(
      installationTokenSchema,
    );
    assert.deepEqual(token.permissions, installation.permissions);
    assert.equal(token.repository_selection, "all");
    assert.ok(Date.parse(token.expires_at) > scene.host.now());
    const { status } = await scene.box.fetch(
      new Request(`https://api.github.com/repos/${repository.fullName}`, {
        headers: { authorization: `Bearer ${token.token}` },
      }),
    );
    assert.equal(status, 200);
  }),

  contractCase("POST /installation/token limits the token to the given repositories and permissions", async (scene) => {
    const { owner, installation, repository } = await scene.installation();
    const token = (
      await owner.post("/installation/token", {
        installation_id: installation.id,
        repositories: [repository.name],
        permissions: { contents: "read" },
      })
    ).ok(installationTokenSchema);
    assert.equal(token.permissions.contents, "read");
    assert.equal(token.permissions.administration, undefined);
    assert.equal(token.repository_selection, "selected");
  }),

  contractCase("POST /installation/token returns 422 for invalid ids, repositories and permissions", async (scene) => {
    const { owner, installation } = await scene.installation();
    (await owner.post("/installation/token", {})).refuses("installation_id");
    (await owner.post("/installation/token", { installation_id: "one" })).refuses("installation_id");
    const installation_id = installation.id;
    (await owner.post("/installation/token", { installation_id, repositories: "all" })).refuses("repositories");
    (await owner.post("/installation/token", { installation_id, permissions: ["contents"] })).refuses("permissions");
  }),

  contractCase("every endpoint returns 403 for an installation of another account", async (scene) => {
    const { installation, account, repository } = await scene.installation();
    const member = await scene.user();
    scene.box.addMember(account, member.login);
    await scene.connect(member, "app");
    const strangers = [await scene.connected("app"), await scene.connected("oauth"), await scene.user(), member];
    const installation_id = installation.id;
    const files = {
      installation_id,
      repo_owner: account,
      repo_name: repository.name,
      files: { "a.tf": "a\n" },
      commit_message: "Mine now",
    };
    const head = await repository.head();
    for (const user of strangers) {
      (await user.post("/installation/token", { installation_id })).fails(403, "installation_not_yours");
      (await user.post("/repositories", { installation_id, name: "mine-now" })).fails(403, "installation_not_yours");
      (await user.post("/repositories/push", files)).fails(403, "installation_not_yours");
      const { detail } = (await user.post("/repositories/sync", files)).fails(403, "installation_not_yours");
      assert.match(detail, /install|log in/i, "detail names how to prove ownership");
    }
    assert.equal(await repository.head(), head);
    assert.equal(scene.box.repository(account, "mine-now"), undefined);
    const [stranger] = strangers;
    (await stranger?.post("/installation/token", { installation_id: 999_999_999 }))?.fails(
      403,
      "installation_not_yours",
    );
  }),

  contractCase("POST /auth/callback binds an installation only when the user owns it", async (scene) => {
    const [owner, stranger] = [await scene.user(), await scene.user()];
    const account = scene.name("org");
    scene.box.addOrganization({ login: account, admins: [owner.login] });
    const { id: installation_id } = scene.box.install(scene.host.app, { account });
    for (const [user, isOwner] of [
      [owner, true],
      [stranger, false],
    ] as const) {
      const { authorization_url, state } = (await user.get("/auth/login?client=app")).ok(authSchema);
      const { code } = await scene.box.authorize(authorization_url, { login: user.login });
      const response = await user.post("/auth/callback", { code, state, installation_id });
      if (isOwner) response.ok(profileSchema);
      else response.fails(403, "installation_not_yours");
    }
    (await owner.post("/installation/token", { installation_id })).ok(installationTokenSchema);
  }),

  contractCase("POST /repositories creates a private repository in an organization", async (scene) => {
    const { owner, account, installation } = await scene.installation();
    const name = scene.name("made");
    const made = (await owner.post("/repositories", { installation_id: installation.id, name })).ok(
      appRepositorySchema,
    );
    assert.deepEqual(
      [made.name, made.full_name, made.private, made.description],
      [name, `${account}/${name}`, true, null],
    );
    assert.equal(scene.box.repository(account, name)?.id, made.id);
  }),

  contractCase("POST /repositories creates a repository in a personal account with the user's token", async (scene) => {
    const user = await scene.connected("app");
    const { id: installation_id } = scene.box.install(scene.host.app, { account: user.login });
    const name = scene.name("made");
    const body = { installation_id, name, description: "Our network", private: false, owner: user.login };
    const made = (await user.post("/repositories", body)).ok(appRepositorySchema);
    assert.deepEqual([made.full_name, made.private, made.description], [`${user.login}/${name}`, false, "Our network"]);
    (await user.post("/repositories", body)).fails(422, "repository_exists");
  }),

  contractCase("POST /repositories returns 422 for another owner and for invalid names", async (scene) => {
    const { owner, installation } = await scene.installation();
    const installation_id = installation.id;
    (await owner.post("/repositories", { installation_id, name: "x", owner: owner.login })).fails(422);
    for (const name of ["", "a/b", "..", "a b", "x".repeat(200)]) {
      (await owner.post("/repositories", { installation_id, name })).fails(422);
    }
    (await owner.post("/repositories", { installation_id })).refuses("name");
    (await owner.post("/repositories", { installation_id, name: "x", private: "maybe" })).refuses("private");
  }),

  contractCase("POST /repositories/validate-access returns the access of the token's user", async (scene) => {
    const { owner, account, installation, repository } = await scene.installation();
    const [user, other] = [await scene.user(), await scene.user()];
    const body = { installation_id: installation.id, repo_owner: account, repo_name: repository.name };
    const validate = async (user_access_token: string, over = {}) =>
      (await user.post("/repositories/validate-access", { ...body, user_access_token, ...over })).ok(accessSchema);
    const all = { has_access: true, installation_found: true, repository_accessible: true };
    const none = { has_access: false, installation_found: false, repository_accessible: false };
    const token = await scene.appUserToken(owner.login);
    assert.deepEqual(await validate(token), all);
    assert.deepEqual(await validate(token, { repo_name: "nothing-here" }), { ...none, installation_found: true });
    assert.deepEqual(await validate(token, { installation_id: 999_999_999 }), none);
    assert.deepEqual(await validate(await scene.appUserToken(other.login)), none);
    for (const invalid of ["gho_made_up", "", "two words", "ü", "x".repeat(5_000)]) {
      assert.deepEqual(await validate(invalid), none, `the token ${invalid.slice(0, 20)}`);
    }
  }),

  contractCase("POST /repositories/validate-access returns 422 with the missing field", async (scene) => {
    const user = await scene.user();
    (await user.post("/repositories/validate-access", {})).refuses("user_access_token");
    const body = { user_access_token: "x", installation_id: "one", repo_owner: "a", repo_name: "b" };
    (await user.post("/repositories/validate-access", body)).refuses("installation_id");
  }),

  contractCase(
    "GET /install returns the App's page and starts an authorization with the given state",
    async (scene) => {
      const user = await scene.user();
      const { slug } = scene.host.app;
      const plain = (await user.get("/install")).ok(installLinkSchema);
      assert.deepEqual([plain.app_name, plain.state], [slug, null]);
      assert.match(plain.github_app_url, new RegExp(`/apps/${slug}$`));
      assert.equal(plain.installation_url, `${plain.github_app_url}/installations/new`);
      const state = scene.name("client-state");
      const link = (await user.get(`/install?state=${state}&suggested_target_id=42`)).ok(installLinkSchema);
      assert.equal(link.state, state);
      const { searchParams } = new URL(link.installation_url);
      assert.deepEqual([searchParams.get("state"), searchParams.get("suggested_target_id")], [state, "42"]);
      (await user.get("/install?suggested_target_id=me")).refuses("suggested_target_id");
    },
  ),

  contractCase("GET /auth/callback binds an installation that requests user authorization", async (scene) => {
    const user = await scene.user();
    const account = scene.name("org");
    scene.box.addOrganization({ login: account, admins: [user.login] });
    const state = scene.name("client-state");
    const { installation_url } = (await user.get(`/install?state=${state}`)).ok(installLinkSchema);
    const back = await scene.box.installFrom(installation_url, { login: user.login, account });
    assert.equal(back.state, state);
    const installation_id = back.installationId;
    (await user.post("/auth/callback", { code: back.code, state, installation_id })).ok(profileSchema);
    assert.equal((await user.get("/connection/status")).ok(connectionStatusSchema).connected, true);
    (await user.post("/installation/token", { installation_id })).ok(installationTokenSchema);
  }),
];

const NEEDED = ["contents:write", "metadata:read", "pull_requests:write", "workflows:write", "administration:write"];

/** Returns the permissions that the SDK needs and that were not granted. */
function missing(granted: Readonly<Record<string, string>>): readonly string[] {
  return NEEDED.filter((needed) => {
    const [name = "", level = ""] = needed.split(":");
    return granted[name] !== level && granted[name] !== "write" && granted[name] !== "admin";
  });
}
