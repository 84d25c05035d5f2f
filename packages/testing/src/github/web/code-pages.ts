import { type PathEntry, readTree } from "../git/tree.js";
import { type Html, html } from "../http/html.js";
import { webPage } from "../http/web-page.js";
import { notFoundPage, type WebCall } from "../http/web-route.js";
import type { BoxRepository } from "../repositories/repository.js";
import { resolveCommit } from "../repositories/resolve-ref.js";
import { commitLine } from "./commit-pages.js";
import { visibleRepository } from "./visible-repository.js";

/** Maximum size in bytes of a file that is shown. */
const MAX_TEXT = 512 * 1024;

/** Maximum number of entries of a directory that are shown. */
const MAX_ENTRIES = 1000;

/** A path of a repository at a ref. */
interface Place {
  repository: BoxRepository;
  ref: string;
  commit: string;
  path: string;
}

/** Handles `GET /{owner}/{repo}`: shows the files of the default branch. */
export async function repositoryPage(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  if (repository === undefined) return notFoundPage(call);
  const head = await repository.head();
  const { session } = call;
  const title = repository.fullName;
  if (head === null) {
    const body = html`${navigation(call, repository)}<p>This repository is empty.</p>`;
    return webPage({ title, body, session });
  }
  const place = { repository, ref: repository.defaultBranch, commit: head, path: "" };
  return webPage({ title, body: await directoryView(call, place), session });
}

/** Handles `GET /{owner}/{repo}/tree/{ref}/{path}` and `GET /{owner}/{repo}/blob/{ref}/{path}`. */
export async function codePage(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  const place = repository === undefined ? undefined : await findPlace(repository, call.params.path ?? "");
  const entry = place === undefined ? undefined : await place.repository.entryAt(place.commit, place.path);
  if (place === undefined || entry === undefined) return notFoundPage(call);
  const body =
    entry.mode === "040000"
      ? await directoryView(call, place)
      : await fileView(call, place, { path: place.path, ...entry });
  const title = [place.repository.fullName, place.path].filter((part) => part !== "").join("/");
  return webPage({ title, body, session: call.session });
}

/** Handles `GET /{owner}/{repo}/raw/{ref}/{path}`: sends a file as plain text. */
export async function rawFile(call: WebCall): Promise<Response> {
  const repository = visibleRepository(call);
  const place = repository === undefined ? undefined : await findPlace(repository, call.params.path ?? "");
  const entry = place === undefined ? undefined : await place.repository.entryAt(place.commit, place.path);
  const bytes = entry === undefined ? undefined : await place?.repository.objects.readAs("blob", entry.oid);
  if (bytes === undefined) return notFoundPage(call);
  const headers = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" };
  return new Response(new Uint8Array(bytes), { headers });
}

/** Finds the ref at the start of `ref/path`. A ref can contain slashes. */
async function findPlace(repository: BoxRepository, refAndPath: string): Promise<Place | undefined> {
  const parts = refAndPath.split("/");
  for (let length = 1; length <= parts.length; length += 1) {
    const ref = parts.slice(0, length).join("/");
    const commit = await resolveCommit(repository, ref);
    if (commit !== undefined) return { repository, ref, commit: commit.oid, path: parts.slice(length).join("/") };
  }
  return undefined;
}

/** Returns the links of a repository: files, commits, branches, pull requests and the URL to clone. */
function navigation({ addresses }: WebCall, { fullName, refs, pulls, defaultBranch }: BoxRepository): Html {
  const branches = refs.list("refs/heads/").map(({ name }) => name.slice("refs/heads/".length));
  return html`<p><a href="/${fullName}">Code</a> · <a href="/${fullName}/commits/${encodePath(defaultBranch)}">Commits</a> ·
<a href="/${fullName}/pulls">Pull requests (${pulls.length})</a></p>
<p class="muted">Branches: ${branches.slice(0, 50).map((name) => html`<a class="label" href="/${fullName}/tree/${encodePath(name)}">${name}</a> `)}</p>
<p class="muted">Clone: <code>git clone ${addresses.html}/${fullName}.git</code></p>`;
}

async function directoryView(call: WebCall, { repository, ref, commit, path }: Place): Promise<Html> {
  const { fullName, objects, history } = repository;
  const tree = await repository.entryAt(commit, path);
  const entries = tree === undefined ? [] : await readTree(objects, tree.oid);
  const latest = await history.commit(commit);
  const sorted = [...entries].sort((a, b) => Number(b.mode === "040000") - Number(a.mode === "040000"));
  const sizes = await objects.sizes(entries.filter(({ mode }) => mode.startsWith("10")).map(({ oid }) => oid));
  const rows = sorted.slice(0, MAX_ENTRIES).map(({ mode, name, oid }) => {
    const kind = mode === "040000" ? "tree" : "blob";
    const href = `/${fullName}/${kind}/${encodePath(ref)}/${encodePath(path === "" ? name : `${path}/${name}`)}`;
    const size = sizes.get(oid);
    return html`<tr><td><a href="${href}">${name}${mode === "040000" && "/"}</a></td><td class="number">${size === undefined ? "" : `${size} B`}</td></tr>`;
  });
  const readme = entries.find(({ name }) => /^readme(\.md|\.txt)?$/i.test(name));
  const text = readme === undefined ? undefined : await readText(repository, readme.oid);
  return html`${navigation(call, repository)}
${latest !== undefined && html`<div class="box">${commitLine(repository, latest)}</div>`}
<p><span class="label">${ref}</span> ${breadcrumbs(fullName, ref, path)}</p>
<table>${rows}</table>
${text !== undefined && html`<h2>${readme?.name}</h2><div class="box"><pre>${text}</pre></div>`}`;
}

async function fileView(call: WebCall, place: Place, { path, oid, mode }: PathEntry): Promise<Html> {
  const { repository, ref } = place;
  const text = await readText(repository, oid);
  const raw = `/${repository.fullName}/raw/${encodePath(ref)}/${encodePath(path)}`;
  return html`${navigation(call, repository)}
<p><span class="label">${ref}</span> ${breadcrumbs(repository.fullName, ref, path)} <span class="label">${mode}</span> <a href="${raw}">Raw</a></p>
<div class="box">${text === undefined ? html`<p class="muted">Binary or large file.</p>` : html`<pre>${text}</pre>`}</div>`;
}

/** Returns the text of a blob, or `undefined` for a binary or large one. */
async function readText(repository: BoxRepository, oid: string): Promise<string | undefined> {
  const bytes = await repository.objects.readAs("blob", oid);
  if (bytes === undefined || bytes.length > MAX_TEXT || bytes.includes(0)) return undefined;
  return bytes.toString();
}

function breadcrumbs(fullName: string, ref: string, path: string): Html {
  const names = path === "" ? [] : path.split("/");
  const root = html`<a href="/${fullName}/tree/${encodePath(ref)}">${fullName.replace(/^.*\//, "")}</a>`;
  return html`${root}${names.map((name, index) => {
    const href = `/${fullName}/tree/${encodePath(ref)}/${encodePath(names.slice(0, index + 1).join("/"))}`;
    return html` / <a href="${href}">${name}</a>`;
  })}`;
}

/** Encodes the segments of a path or ref for a URL. */
function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
