import type { Account } from "../accounts/account.js";
import { page, redirect, type WebCall } from "../http/web-route.js";
import { sendBack } from "../oauth/authorize.js";
import type { GitHubApp } from "./github-app.js";
import type { Installation } from "./installation.js";

/**
 * Handles `GET /apps/{slug}/installations/new`: installs the App as the session's user chooses. `suggested_target_id` names the
 * account, unless the session chooses another. A user who does not own the account only requests the installation.
 *
 * @see https://docs.github.com/apps/sharing-github-apps/sharing-your-github-app
 */
export function newInstallation(call: WebCall): Response {
  const { platform, url, addresses, session } = call;
  const app = platform.apps.findBySlug(call.params.app_slug ?? "");
  if (app === undefined) return page(404, "Not Found");
  if (session === undefined) {
    const query = new URLSearchParams({ return_to: url.pathname + url.search });
    return redirect(`${addresses.html}/login?${query}`);
  }
  if (session.deny) return page(200, `${app.name} was not installed`);
  const account = targetOf(call, session.user);
  if (!owns(session.user, account)) return leave(call, app, session.user, { setup_action: "request" });
  const existing = platform.apps.installationOf(app, account);
  const repositories = chosenRepositories(call, account);
  if (existing === undefined) {
    const by = session.user.login;
    const { id } = platform.apps.install(app, { account: account.login, repositories, by });
    return leave(call, app, session.user, { installation_id: String(id), setup_action: "install" });
  }
  change(existing, repositories, session.user);
  const settings = `${addresses.html}/settings/installations/${existing.id}`;
  if (!app.setupOnUpdate) return redirect(settings);
  return leave(call, app, session.user, { installation_id: String(existing.id), setup_action: "update" });
}

/** Redirects to the callback URL with a code if the App requests user authorization, otherwise to its setup URL or its settings. */
function leave(call: WebCall, app: GitHubApp, user: Account, parameters: Record<string, string>): Response {
  const state = call.url.searchParams.get("state");
  const [callback] = app.callbackUrls;
  if (app.requestsUserAuthorization && callback !== undefined) {
    const code = call.platform.oauth.codes.issue({ client: app, user, scopes: [], redirectUri: callback });
    return sendBack(callback, { code, ...parameters, state });
  }
  if (app.setupUrl !== undefined) return sendBack(app.setupUrl, { ...parameters, state });
  return redirect(`${call.addresses.html}/settings/installations/${parameters.installation_id ?? ""}`);
}

function targetOf({ platform, url, session }: WebCall, user: Account): Account {
  const chosen = session?.choice?.account;
  if (chosen !== undefined) return platform.accounts.ensure(chosen);
  const suggested = Number(url.searchParams.get("suggested_target_id") ?? "");
  return platform.accounts.findById(suggested) ?? user;
}

function chosenRepositories({ platform, url, session }: WebCall, account: Account): "all" | readonly string[] {
  const chosen = session?.choice?.repositories;
  if (chosen !== undefined) return chosen;
  const suggested = url.searchParams.getAll("repository_ids[]").map(Number);
  if (suggested.length === 0) return "all";
  const own = platform.repositories.list(account);
  return own.filter(({ id }) => suggested.includes(id)).map(({ name }) => name);
}

function owns(user: Account, account: Account): boolean {
  return user === account || account.members.get(user.login.toLowerCase()) === "admin";
}

/** Changes the repositories of an installation to the chosen ones. */
function change(installation: Installation, repositories: "all" | readonly string[], { login: by }: Account): void {
  if (repositories === "all") {
    installation.selectAll({ by });
    return;
  }
  const wanted = new Set(repositories.map((name) => name.toLowerCase()));
  const reached = installation.repositories.map(({ name }) => name);
  const unwanted = reached.filter((name) => !wanted.has(name.toLowerCase()));
  if (unwanted.length > 0) installation.removeRepositories(unwanted, { by });
  const missing = repositories.filter((name) => !reached.some((it) => it.toLowerCase() === name.toLowerCase()));
  if (missing.length > 0) installation.addRepositories(missing, { by });
}
