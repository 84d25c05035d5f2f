import { isoTime } from "../git/commit.js";
import { html } from "../http/html.js";
import { webPage } from "../http/web-page.js";
import { notFoundPage, type WebCall } from "../http/web-route.js";
import { comparisonView } from "./commit-pages.js";
import { visibleRepository } from "./visible-repository.js";

/** Handles `GET /{owner}/{repo}/pulls`: lists pull requests, newest first. */
export function pullRequestListPage(call: WebCall): Response {
  const repository = visibleRepository(call);
  if (repository === undefined) return notFoundPage(call);
  const { fullName, pulls } = repository;
  const rows = [...pulls]
    .reverse()
    .map(
      ({ number, title, state, head, base }) =>
        html`<tr><td><a href="/${fullName}/pull/${number}">${title}</a> #${number} <span class="label">${state}</span></td><td class="muted">${head} → ${base}</td></tr>`,
    );
  const list = rows.length === 0 ? html`<p class="muted">No pull requests.</p>` : html`<table>${rows}</table>`;
  const body = html`<p><a href="/${fullName}">${fullName}</a></p>${list}`;
  return webPage({ title: "Pull requests", body, session: call.session });
}

/** Handles `GET /{owner}/{repo}/pull/{pull_number}`: shows a pull request with its commits and diff. */
export async function pullRequestPage(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  const pull = repository?.pulls.find(({ number }) => String(number) === call.params.pull_number);
  if (repository === undefined || pull === undefined) return notFoundPage(call);
  const { fullName, refs } = repository;
  const { number, title, body: text, state, draft, user, head, base, labels, requestedReviewers } = pull;
  const headOid = refs.read(`refs/heads/${head}`) ?? pull.headOid;
  const baseOid = refs.read(`refs/heads/${base}`) ?? pull.baseOid;
  const body = html`<p><a href="/${fullName}">${fullName}</a> · <a href="/${fullName}/pulls">Pull requests</a></p>
<div class="box"><p><span class="label">${draft ? "draft" : state}</span> <a href="/${user.login}">${user.login}</a> wants to merge
<code>${head}</code> into <code>${base}</code> <span class="muted">· opened on ${isoTime(Math.floor(pull.createdAt / 1000))}</span></p>
${labels.size > 0 && html`<p>${[...labels].map((label) => html`<span class="label">${label.name}</span> `)}</p>`}
${requestedReviewers.size > 0 && html`<p class="muted">Review requested from ${[...requestedReviewers].map(({ login }) => login).join(", ")}</p>`}
${text !== null && text !== "" && html`<pre>${text}</pre>`}</div>
${await comparisonView(repository, baseOid, headOid)}`;
  return webPage({ title: `${title} #${number}`, body, session: call.session });
}
