import type { Account } from "../accounts/account.js";
import type { Session } from "../control/identity-settings.js";
import { html } from "../http/html.js";
import { formToken } from "../http/web-form.js";
import { webPage } from "../http/web-page.js";
import type { GitHubApp } from "./github-app.js";

/** The content of the form that installs an App. */
export interface InstallationForm {
  app: GitHubApp;
  session: Session;
  account: Account;
  /** Names of all repositories of the account. */
  names: readonly string[];
  /** Names of the selected repositories, or `all`. */
  selected: "all" | readonly string[];
  /** Text of the button. */
  action: "Install" | "Request" | "Save";
  /** Login of the member who requested the installation. */
  requestedBy: string | undefined;
  /** URL of the page, whose query the form keeps. */
  url: URL;
}

/** Returns the page on which a user chooses the account for an installation. */
export function accountChoicePage(choice: {
  app: GitHubApp;
  session: Session;
  accounts: readonly Account[];
  url: URL;
}): Response {
  const links = choice.accounts.map(({ id, login, type }) => {
    const query = new URLSearchParams(choice.url.search);
    query.set("suggested_target_id", String(id));
    return html`<p><a href="${choice.url.pathname}?${query.toString()}">${login}</a> <span class="label">${type}</span></p>`;
  });
  const body = html`<div class="box narrow"><p>Choose an account:</p>${links}</div>`;
  return webPage({ title: `Install ${choice.app.name}`, session: choice.session, body });
}

/** Returns the page on which a user chooses the repositories for an installation. */
export function installationForm({
  app,
  session,
  account,
  names,
  selected,
  action,
  requestedBy,
  url,
}: InstallationForm): Response {
  const radio = (value: string, isChecked: boolean, text: string) =>
    html`<label><input type="radio" name="selection" value="${value}"${isChecked && html` checked`}> ${text}</label>`;
  const repositories = names.map((name) => {
    const isChecked = selected !== "all" && selected.includes(name);
    return html`<label><input type="checkbox" name="repository" value="${name}"${isChecked && html` checked`}> ${account.login}/${name}</label>`;
  });
  return webPage({
    title: `Install ${app.name}`,
    session,
    body: html`<div class="box narrow">
<p>${action} <strong>${app.name}</strong> on <strong>${account.login}</strong> with these permissions:</p>
${requestedBy !== undefined && html`<p>Requested by <a href="/${requestedBy}">${requestedBy}</a></p>`}
<ul>${Object.entries(app.permissions).map(([name, level]) => html`<li><code>${name}</code>: ${level}</li>`)}</ul>
<form method="post" action="${url.pathname}${url.search}">
${formToken(session)}
<input type="hidden" name="account" value="${account.login}">
${radio("all", selected === "all", "All repositories")}
${radio("selected", selected !== "all", "Only select repositories:")}
${repositories}
<p><button class="primary" name="decision" value="install">${action}</button>
<button name="decision" value="cancel">Cancel</button></p>
</form>
</div>`,
  });
}
