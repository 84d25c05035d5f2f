import type { Account } from "../accounts/account.js";
import type { Session } from "../control/identity-settings.js";
import { formFields, hasFormToken } from "../http/web-form.js";
import { notFoundPage, page, redirect, redirectToLogin, type WebCall } from "../http/web-route.js";
import { sendBack } from "../oauth/authorize.js";
import type { GitHubApp } from "./github-app.js";
import type { Installation } from "./installation.js";
import { accountChoicePage, installationForm } from "./installation-form.js";

/**
 * Handles `GET /apps/{slug}/installations/new`: shows a form to the user of a browser, or installs the App as the session says.
 * `suggested_target_id` names the account, unless the session chooses another. A user who does not own the account only requests
 * the installation.
 *
 * @see https://docs.github.com/apps/sharing-github-apps/sharing-your-github-app
 */
export function newInstallation(call: WebCall): Response {
  const { platform, session } = call;
  const app = platform.apps.findBySlug(call.params.app_slug ?? "");
  if (app === undefined) return notFoundPage(call);
  if (session === undefined) return redirectToLogin(call);
  if (session.isInteractive) return showForm(call, app, session);
  if (session.deny) return page(200, `${app.name} was not installed`, session);
  const chosen = session.choice?.account;
  const account = chosen === undefined ? (suggestedAccount(call) ?? session.user) : platform.accounts.ensure(chosen);
  const repositories = session.choice?.repositories ?? suggestedRepositories(call, account);
  return install(call, app, { user: session.user, account, repositories });
}

/** Handles the form of the installation page. */
export function submitInstallation(call: WebCall): Response {
  const { platform, session } = call;
  const app = platform.apps.findBySlug(call.params.app_slug ?? "");
  if (app === undefined) return notFoundPage(call);
  if (session === undefined) return redirectToLogin(call);
  const fields = formFields(call);
  if (!hasFormToken(session, fields)) return page(422, "The form has expired. Open the page again.", session);
  if (fields.get("decision") !== "install") return page(200, `${app.name} was not installed`, session);
  const account = platform.accounts.find(fields.get("account") ?? "");
  if (account === undefined || !belongsTo(session.user, account)) return notFoundPage(call);
  const names = new Set(platform.repositories.list(account).map(({ name }) => name));
  const selected = fields.getAll("repository").filter((name) => names.has(name));
  const repositories = fields.get("selection") === "selected" ? selected : "all";
  return install(call, app, { user: session.user, account, repositories });
}

function showForm(call: WebCall, app: GitHubApp, session: Session): Response {
  const { accounts, apps, repositories } = call.platform;
  const choices = accounts.list().filter((account) => account.type !== "Bot" && belongsTo(session.user, account));
  const account = suggestedAccount(call) ?? (choices.length === 1 ? session.user : undefined);
  if (account === undefined) return accountChoicePage({ app, session, accounts: choices, url: call.url });
  if (!choices.includes(account)) return notFoundPage(call);
  const existing = apps.installationOf(app, account);
  const suggested = existing === undefined ? suggestedRepositories(call, account) : selectionOf(existing);
  const names = repositories.list(account).map(({ name }) => name);
  const action = existing !== undefined ? "Save" : owns(session.user, account) ? "Install" : "Request";
  const requestedBy = existing === undefined ? apps.requestFor(app, account)?.requester.login : undefined;
  return installationForm({ app, session, account, names, selected: suggested, action, requestedBy, url: call.url });
}

function selectionOf({ selection, repositories }: Installation): "all" | readonly string[] {
  return selection === "all" ? "all" : repositories.map(({ name }) => name);
}

/** Installs an App or changes its installation, and redirects as the App requests. */
function install(
  call: WebCall,
  app: GitHubApp,
  choice: { user: Account; account: Account; repositories: "all" | readonly string[] },
): Response {
  const { user, account, repositories } = choice;
  if (!owns(user, account)) {
    call.platform.apps.request(app, account, user);
    return leave(call, app, user, { setup_action: "request" });
  }
  const existing = call.platform.apps.installationOf(app, account);
  if (existing === undefined) {
    const { id } = call.platform.apps.install(app, { account: account.login, repositories, by: user.login });
    return leave(call, app, user, { installation_id: String(id), setup_action: "install" });
  }
  change(existing, repositories, user);
  if (!app.setupOnUpdate) return redirect(`${call.addresses.html}/settings/installations/${existing.id}`);
  return leave(call, app, user, { installation_id: String(existing.id), setup_action: "update" });
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

function suggestedAccount({ platform, url }: WebCall): Account | undefined {
  return platform.accounts.findById(Number(url.searchParams.get("suggested_target_id") ?? ""));
}

function suggestedRepositories({ platform, url }: WebCall, account: Account): "all" | readonly string[] {
  const suggested = url.searchParams.getAll("repository_ids[]").map(Number);
  if (suggested.length === 0) return "all";
  const own = platform.repositories.list(account);
  return own.filter(({ id }) => suggested.includes(id)).map(({ name }) => name);
}

function belongsTo(user: Account, account: Account): boolean {
  return user === account || account.members.has(user.login.toLowerCase());
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
