import { type Html, html } from "../http/html.js";
import { webPage } from "../http/web-page.js";
import { notFoundPage, type WebCall } from "../http/web-route.js";
import type { BoxRepository } from "../repositories/repository.js";
import { canView } from "./visible-repository.js";

/** Handles `GET /`: lists accounts, repositories and Apps of the box. */
export function homePage({ platform, session }: WebCall): Response {
  const { accounts, apps, repositories } = platform;
  const people = accounts.list().filter(({ type }) => type !== "Bot");
  const visible = repositories.list().filter((repository) => canView(session?.user, repository));
  const body = html`<h2>Repositories</h2>${repositoryList(visible)}
<h2>Accounts</h2>
<div class="box">${people.map(({ login, type }) => html`<p><a href="/${login}">${login}</a> <span class="label">${type}</span></p>`)}</div>
<h2>GitHub Apps</h2>
<div class="box">${apps.list().map(({ name, slug }) => html`<p><a href="/apps/${slug}">${name}</a></p>`)}
<p><a href="/settings/apps/new">Create a GitHub App from a manifest</a></p></div>`;
  return webPage({ title: "GitHub box", body, session });
}

/** Handles `GET /{owner}`: shows an account with its repositories. */
export function accountPage(call: WebCall): Response {
  const { platform, params, session } = call;
  const account = platform.accounts.find(params.owner ?? "");
  if (account === undefined) return notFoundPage(call);
  const visible = platform.repositories.list(account).filter((repository) => canView(session?.user, repository));
  const members = [...account.members].map(
    ([login, role]) => html`<p><a href="/${login}">${login}</a> <span class="label">${role}</span></p>`,
  );
  const body = html`<p>${account.name} <span class="label">${account.type}</span></p>
<h2>Repositories</h2>${repositoryList(visible)}
${members.length > 0 && html`<h2>Members</h2><div class="box">${members}</div>`}`;
  return webPage({ title: account.login, body, session });
}

function repositoryList(repositories: readonly BoxRepository[]): Html {
  if (repositories.length === 0) return html`<p class="muted">No repositories.</p>`;
  const rows = repositories.map(
    ({ fullName, description, private: isPrivate }) =>
      html`<tr><td><a href="/${fullName}">${fullName}</a> <span class="label">${isPrivate ? "Private" : "Public"}</span></td><td>${description ?? ""}</td></tr>`,
  );
  return html`<table>${rows}</table>`;
}
