import type { GitHubBox, Installation, OAuthClient } from "../../src/index.js";
import { type Api, type ApiResponse, apiClient } from "./api-client.js";
import { appClient } from "./app-client.js";
import type { SentRequest } from "./rest-requests.js";

type OnResponse = (request: SentRequest, response: ApiResponse) => void | Promise<void>;

/** Sends requests to all REST routes for applications, successful and refused ones. Calls `onResponse` for each. */
export async function requestAsApps(box: GitHubBox, onResponse: OnResponse): Promise<void> {
  await tokenManagement(box, onResponse);
  const app = box.addApp({
    slug: "tour-app",
    callbackUrls: ["https://host.test/callback"],
    permissions: { contents: "write", members: "read" },
    events: ["push"],
    webhookUrl: "https://host.test/webhook",
    webhookSecret: "secret",
    webhookHandler: () => new Response(null, { status: 204 }),
  });
  const asApp = reporting(appClient(box, app), onResponse);
  box.addMember("acme", "max");
  await box.installFrom(`https://github.com/apps/${app.slug}/installations/new`, { login: "max", account: "acme" });
  await asApp("GET", "/app/installation-requests");
  const installation = box.install(app, { account: "acme", repositories: ["tools"] });
  await deliveries(box, asApp);
  await asItself(box, installation, asApp, onResponse);
  await asUsers(box, installation, onResponse);
  await ending(installation, asApp, onResponse, box);
}

/** Returns a client that calls `onResponse` for each response. */
function reporting(api: Api, onResponse: OnResponse): Api {
  return async (method, path, body, headers = {}) => {
    const response = await api(method, path, body, headers);
    await onResponse({ method, path, body }, response);
    return response;
  };
}

/** Authorizes an application as a user. Returns the token. */
export async function connect(box: GitHubBox, client: OAuthClient, login: string): Promise<string> {
  const { clientId: client_id, clientSecret: client_secret } = client;
  const { code } = await box.authorize(`https://github.com/login/oauth/authorize?client_id=${client_id}`, { login });
  const response = await box.fetch(
    new Request("https://github.com/login/oauth/access_token", {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ client_id, client_secret, code }),
    }),
  );
  return ((await response.json()) as { access_token: string }).access_token;
}

async function tokenManagement(box: GitHubBox, onResponse: OnResponse): Promise<void> {
  const client = box.addOAuthApp({ callbackUrls: ["https://host.test/callback"] });
  const authorization = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64")}`;
  const go = reporting((method, path, body) => apiClient(box)(method, path, body, { authorization }), onResponse);
  const at = `/applications/${client.clientId}`;
  const access_token = await connect(box, client, "octocat");
  await go("POST", `${at}/token`, { access_token });
  await go("POST", `${at}/token`, {});
  const reset = await go("PATCH", `${at}/token`, { access_token });
  await go("POST", `${at}/token`, { access_token });
  await go("DELETE", `${at}/token`, { access_token: reset.body.token });
  await go("DELETE", `${at}/grant`, { access_token: await connect(box, client, "octocat") });
}

async function createFromManifest(box: GitHubBox, onResponse: OnResponse): Promise<void> {
  const manifest = {
    name: "From manifest",
    url: "https://host.test",
    hook_attributes: { url: "https://host.test/webhook", active: false },
    redirect_url: "https://host.test/created",
  };
  box.control.signIn("octocat");
  const page = "https://github.com/settings/apps/new";
  const body = new URLSearchParams({ manifest: JSON.stringify(manifest) });
  const sent = await box.fetch(new Request(page, { method: "POST", body }));
  const created = await box.fetch(new Request(new URL(sent.headers.get("location") ?? "", page)));
  box.control.signOut();
  const code = new URL(created.headers.get("location") ?? "").searchParams.get("code");
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await reporting(apiClient(box), onResponse)("POST", `/app-manifests/${code}/conversions`);
  }
}

async function asItself(box: GitHubBox, { id }: Installation, app: Api, onResponse: OnResponse): Promise<void> {
  await app("GET", "/app");
  await reporting(apiClient(box, "bogus"), onResponse)("GET", "/app");
  await reporting(apiClient(box), onResponse)("GET", "/apps/tour-app");
  await reporting(apiClient(box), onResponse)("GET", "/apps/nothing");
  await createFromManifest(box, onResponse);
  await app("GET", "/app/installations?per_page=1");
  await app("GET", `/app/installations/${id}`);
  await app("GET", "/app/installations/1");
  await app("GET", "/repos/acme/tools/installation");
  await app("GET", "/repos/octocat/secret/installation");
  await app("GET", "/orgs/acme/installation");
  await app("GET", "/users/acme/installation");
  const tokens = `/app/installations/${id}/access_tokens`;
  await app("POST", tokens, { repositories: ["nothing"] });
  await app("POST", tokens, { permissions: { issues: "write" } });
  await app("POST", tokens, { repositories: ["tools"], permissions: { contents: "read" } });
  const { body } = await app("POST", tokens);
  const token = reporting(apiClient(box, body.token), onResponse);
  await token("GET", "/installation/repositories?per_page=1");
  await token("GET", "/user/installations");
  await token("GET", "/orgs/acme/memberships/octocat");
  await token("GET", "/user/memberships/orgs/acme");
  await token("DELETE", "/installation/token");
  await token("GET", "/installation/repositories");
}

async function asUsers(box: GitHubBox, { id, app }: Installation, onResponse: OnResponse): Promise<void> {
  const owner = reporting(apiClient(box, await connect(box, app, "octocat")), onResponse);
  await owner("GET", "/user");
  await owner("GET", "/user/installations");
  await owner("GET", `/user/installations/${id}/repositories?per_page=1`);
  await owner("GET", "/user/installations/1/repositories");
  await owner("GET", "/user/memberships/orgs/acme");
  await owner("GET", "/user/memberships/orgs/nothing");
  const other = reporting(apiClient(box, box.addToken({ login: "reader" })), onResponse);
  await other("GET", "/user");
  await other("GET", "/user/installations");
  await other("GET", "/orgs/acme/memberships/octocat");
}

async function ending({ id }: Installation, app: Api, onResponse: OnResponse, box: GitHubBox): Promise<void> {
  const at = `/app/installations/${id}`;
  const { body } = await app("POST", `${at}/access_tokens`);
  await app("PUT", `${at}/suspended`);
  await app("GET", "/app/installations");
  await app("POST", `${at}/access_tokens`);
  await reporting(apiClient(box, body.token), onResponse)("GET", "/installation/repositories");
  await app("DELETE", `${at}/suspended`);
  await app("DELETE", at);
  await app("DELETE", at);
}

async function deliveries(box: GitHubBox, app: Api): Promise<void> {
  await box.deliveriesSettled();
  await app("GET", "/app/hook/config");
  const { body } = await app("GET", "/app/hook/deliveries?per_page=1");
  await app("GET", "/app/hook/deliveries?cursor=bogus");
  await app("GET", `/app/hook/deliveries/${body[0].id}`);
  await app("POST", `/app/hook/deliveries/${body[0].id}/attempts`);
  await app("GET", "/app/hook/deliveries/1");
  await box.deliveriesSettled();
}
