import type { Account } from "../accounts/account.js";
import type { Installation } from "../apps/installation.js";
import { html } from "../http/html.js";
import { formFields, formToken, hasFormToken } from "../http/web-form.js";
import { webPage } from "../http/web-page.js";
import { notFoundPage, page, redirectToLogin, type WebCall } from "../http/web-route.js";

/** Handles `GET /apps/{slug}`: shows a GitHub App. */
export function appPage(call: WebCall): Response {
  const app = call.platform.apps.findBySlug(call.params.app_slug ?? "");
  if (app === undefined) return notFoundPage(call);
  const permissions = Object.entries(app.permissions).map(
    ([name, level]) => html`<li><code>${name}</code>: ${level}</li>`,
  );
  const body = html`<div class="box"><p>By <a href="/${app.owner.login}">${app.owner.login}</a> · <a href="${app.url}">${app.url}</a></p>
<p>App ID <code>${app.id}</code> · Client ID <code>${app.clientId}</code></p>
<p>Permissions:</p><ul>${permissions}</ul>
<p>Events: ${app.events.length === 0 ? "none" : app.events.map((event) => html`<code>${event}</code> `)}</p>
<form action="/apps/${app.slug}/installations/new"><button class="primary">Install</button></form></div>`;
  return webPage({ title: app.name, body, session: call.session });
}

/** Handles `GET /settings/installations/{installation_id}`: shows an installation to an owner of its account. */
export function installationSettingsPage(call: WebCall): Response {
  const { session } = call;
  if (session === undefined) return redirectToLogin(call);
  const installation = ownInstallation(call, session.user);
  if (installation === undefined) return notFoundPage(call);
  const { app, account, repositories, selection, permissions, suspended } = installation;
  const list = repositories.map(({ fullName }) => html`<li><a href="/${fullName}">${fullName}</a></li>`);
  const body = html`<div class="box">
<p><a href="/apps/${app.slug}">${app.name}</a> is installed on <a href="/${account.login}">${account.login}</a>
${suspended !== undefined && html`<span class="label">suspended</span>`}</p>
<p>Permissions:</p><ul>${Object.entries(permissions).map(([name, level]) => html`<li><code>${name}</code>: ${level}</li>`)}</ul>
<p>Repositories (${selection}):</p><ul>${list}</ul>
<p><a href="/apps/${app.slug}/installations/new?suggested_target_id=${account.id}">Change repositories</a></p>
<form method="post">${formToken(session)}
<button name="action" value="${suspended === undefined ? "suspend" : "unsuspend"}">${suspended === undefined ? "Suspend" : "Unsuspend"}</button>
<button class="danger" name="action" value="uninstall">Uninstall</button></form></div>`;
  return webPage({ title: `Installation of ${app.name}`, body, session });
}

/** Handles the form of the installation settings. */
export function changeInstallation(call: WebCall): Response {
  const { session } = call;
  if (session === undefined) return redirectToLogin(call);
  const installation = ownInstallation(call, session.user);
  const fields = formFields(call);
  if (installation === undefined) return notFoundPage(call);
  if (!hasFormToken(session, fields)) return page(422, "The form has expired. Open the page again.", session);
  const by = session.user.login;
  switch (fields.get("action")) {
    case "suspend":
      installation.suspend({ by });
      return installationSettingsPage(call);
    case "unsuspend":
      installation.unsuspend({ by });
      return installationSettingsPage(call);
    case "uninstall":
      installation.remove({ by });
      return page(200, `${installation.app.name} was uninstalled`, session);
    default:
      return page(422, "Unknown action", session);
  }
}

function ownInstallation({ platform, params }: WebCall, user: Account): Installation | undefined {
  const installation = platform.apps.findInstallation(Number(params.installation_id));
  const account = installation?.account;
  const isOwner = account === user || account?.members.get(user.login.toLowerCase()) === "admin";
  return isOwner ? installation : undefined;
}
