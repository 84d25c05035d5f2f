import { isoTime } from "../git/commit.js";
import { diffTrees } from "../git/diff.js";
import type { CommitWithId } from "../git/history.js";
import { type Html, html } from "../http/html.js";
import { webPage } from "../http/web-page.js";
import { notFoundPage, type WebCall } from "../http/web-route.js";
import type { BoxRepository } from "../repositories/repository.js";
import { resolveCommit } from "../repositories/resolve-ref.js";
import { diffView } from "./diff-view.js";
import { visibleRepository } from "./visible-repository.js";

/** Maximum number of commits in a list. */
const MAX_COMMITS = 250;

/** Returns the first line of a commit message. */
function shortMessage({ message }: Pick<CommitWithId, "message">): string {
  return message.split("\n", 1)[0] ?? "";
}

/** Returns a line with message, author, date and ID of a commit. */
export function commitLine({ fullName, verified }: BoxRepository, commit: CommitWithId): Html {
  const { oid, author, committer } = commit;
  return html`<a href="/${fullName}/commit/${oid}">${shortMessage(commit) || "(no message)"}</a>
<span class="muted">${author.name} · ${isoTime(committer.seconds)} · <code>${oid.slice(0, 7)}</code></span>
${verified.has(oid) && html`<span class="label">Verified</span>`}`;
}

/** Handles `GET /{owner}/{repo}/commits/{ref}`: lists commits, newest first. */
export async function commitListPage(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  const head = repository === undefined ? undefined : await resolveCommit(repository, call.params.ref ?? "");
  if (repository === undefined || head === undefined) return notFoundPage(call);
  const commits = await repository.history.log(head.oid);
  return webPage({
    title: `Commits of ${call.params.ref}`,
    session: call.session,
    body: html`<p><a href="/${repository.fullName}">${repository.fullName}</a></p>${commitList(repository, commits)}`,
  });
}

/** Handles `GET /{owner}/{repo}/commit/{ref}`: shows a commit with its diff. */
export async function commitPage(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  const commit = repository === undefined ? undefined : await findCommit(repository, call.params.ref ?? "");
  if (repository === undefined || commit === undefined) return notFoundPage(call);
  const { fullName, gitDir } = repository;
  const { oid, author, committer, message, parents, tree } = commit;
  const files = await diffTrees(gitDir, await repository.treeOf(parents[0]), tree);
  const rest = message.split("\n").slice(1).join("\n").trim();
  const body = html`<p><a href="/${fullName}">${fullName}</a> · <a href="/${fullName}/tree/${oid}">Browse files</a></p>
<div class="box">
${rest !== "" && html`<pre>${rest}</pre>`}
<p>${author.name} &lt;${author.email}&gt; authored, ${committer.name} committed on ${isoTime(committer.seconds)}
${repository.verified.has(oid) && html`<span class="label">Verified</span>`}</p>
<p class="muted">Commit <code>${oid}</code> · Parents:
${parents.length === 0 ? "none" : parents.map((parent) => html`<a href="/${fullName}/commit/${parent}"><code>${parent.slice(0, 7)}</code></a> `)}</p>
</div>
${diffView(files)}`;
  return webPage({ title: shortMessage(commit) || oid.slice(0, 7), body, session: call.session });
}

/** Handles `GET /{owner}/{repo}/compare/{basehead}`: shows the commits and the diff between two refs. */
export async function comparePage(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  const [base = "", head = ""] = (call.params.basehead ?? "").split("...");
  const from = repository === undefined ? undefined : await findCommit(repository, base);
  const to = repository === undefined ? undefined : await findCommit(repository, head);
  if (repository === undefined || from === undefined || to === undefined) return notFoundPage(call);
  const body = html`<p><a href="/${repository.fullName}">${repository.fullName}</a></p>
${await comparisonView(repository, from.oid, to.oid)}`;
  return webPage({ title: `${base}...${head}`, body, session: call.session });
}

/** Finds a commit by ref, by ID or abbreviated ID, or by `owner:` and one of them. */
async function findCommit(repository: BoxRepository, name: string): Promise<CommitWithId | undefined> {
  const owner = `${repository.owner.login}:`;
  const local = name.startsWith(owner) ? name.slice(owner.length) : name;
  const commit = await resolveCommit(repository, local);
  if (commit !== undefined || !/^[0-9a-f]{7,40}$/.test(local)) return commit;
  const heads = repository.refs.list("refs/heads/").map(({ oid }) => oid);
  return (await repository.history.missing(heads, [])).find(({ oid }) => oid.startsWith(local));
}

/** Returns the commits and the diff between two commits. */
export async function comparisonView(repository: BoxRepository, base: string, head: string): Promise<Html> {
  const { ahead, mergeBase } = await repository.history.compare(base, head);
  const tree = await repository.treeOf(head);
  if (tree === undefined) return html`<p class="muted">The commits are not available.</p>`;
  const files = await diffTrees(repository.gitDir, await repository.treeOf(mergeBase), tree);
  return html`<h2>Commits (${ahead.length})</h2>${commitList(repository, ahead)}${diffView(files)}`;
}

function commitList(repository: BoxRepository, commits: readonly CommitWithId[]): Html {
  const rest = commits.length - MAX_COMMITS;
  const rows = commits.slice(0, MAX_COMMITS).map((commit) => html`<tr><td>${commitLine(repository, commit)}</td></tr>`);
  return html`<table>${rows}</table>${rest > 0 && html`<p class="muted">${rest} more commits are not shown.</p>`}`;
}
