import { posix } from "node:path";
import * as z from "zod";
import { RefRefusedError } from "../git/ref-database.js";
import { type FileMode, type PathEntry, readTree, typeOfMode } from "../git/tree.js";
import { TreeEditor } from "../git/tree-editor.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { gitCommitPayload } from "../payloads/commit.js";
import { contentPayload } from "../payloads/content.js";
import { forbiddenWorkflow, violationOf } from "../repositories/ref-guard.js";
import { resolveCommit } from "../repositories/resolve-ref.js";
import { base64Lines, decodeBase64 } from "./base64.js";
import { actorSignature, dated, personSchema } from "./git-commits.js";
import { param, repositoryRoute, wantsRaw } from "./repository-route.js";

const template = "/repos/{owner}/{repo}/contents/{path}";
const write = { permission: "contents", level: "write" } as const;

const change = z.object({
  message: z.string(),
  branch: z.string().optional(),
  sha: z.string().optional(),
  author: personSchema.optional(),
  committer: personSchema.optional(),
});

const upload = change.extend({ content: z.string() });
const removal = change.extend({ sha: z.string() });

/**
 * Routes for repository contents. Each write creates a commit of one file.
 *
 * @see https://docs.github.com/rest/repos/contents
 */
export const contentRoutes: readonly RepositoryRoute[] = [
  repositoryRoute({
    method: "GET",
    template,
    docs: "repos/contents#get-repository-content",
    need: { permission: "contents", level: "read" },
    repositoryHandler: getContent,
  }),
  repositoryRoute({
    method: "PUT",
    template,
    docs: "repos/contents#create-or-update-file-contents",
    need: write,
    repositoryHandler: putContent,
  }),
  repositoryRoute({
    method: "DELETE",
    template,
    docs: "repos/contents#delete-a-file",
    need: write,
    repositoryHandler: deleteContent,
  }),
];

/** Maximum size in bytes of an inline file. Larger files are available only as raw media type. */
const INLINE_LIMIT = 1024 * 1024;

async function getContent(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  const requested = param(call, "path");
  if (requested.endsWith("/")) return withoutTrailingSlash(call, requested);
  if (repository.isEmpty) {
    if (param(call, "path") === "") throw new ApiError(404, "This repository is empty.");
    throw notFound();
  }
  const ref = call.query.get("ref") ?? repository.defaultBranch;
  const commit = await resolveCommit(repository, ref);
  if (commit === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
  const entry = await repository.entryAt(commit.oid, requested);
  if (entry === undefined) throw notFound();
  const response =
    entry.mode === "040000"
      ? { status: 200, body: await directoryPayload(call, { path: requested, ...entry }, ref) }
      : await fileResponse(call, { path: requested, ...entry }, { ref, commit: commit.oid });
  return { ...response, lastModified: commit.committer.seconds };
}

/** GitHub redirects a path with a trailing slash before it looks the path up, and drops the query. */
function withoutTrailingSlash(call: RepositoryCall, path: string): RestResponse {
  const encoded = path.replace(/\/+$/, "").split("/").map(encodeURIComponent).join("/");
  const url = `${call.addresses.api}/repositories/${call.repository.id}/contents/${encoded}`;
  return { status: 302, headers: { Location: url } };
}

async function directoryPayload(
  call: RepositoryCall,
  { path, oid: tree }: PathEntry,
  ref: string,
): Promise<Record<string, unknown>[]> {
  const { objects } = call.repository;
  const children = await readTree(objects, tree);
  const sizes = await objects.sizes(children.filter(({ mode }) => typeOfMode(mode) === "blob").map(({ oid }) => oid));
  return children.map(({ mode, name, oid }) => {
    const child = path === "" ? name : `${path}/${name}`;
    return contentPayload(call, { path: child, mode, oid }, ref, sizes.get(oid) ?? 0);
  });
}

async function fileResponse(
  call: RepositoryCall,
  entry: PathEntry,
  { ref, commit }: { ref: string; commit: string },
): Promise<RestResponse> {
  const { objects } = call.repository;
  const read = async (oid: string): Promise<Buffer> => (await objects.readAs("blob", oid)) ?? Buffer.alloc(0);
  const target = entry.mode === "120000" ? (await read(entry.oid)).toString() : undefined;
  const file = target === undefined ? entry : await targetOf(call, entry, target, commit);
  if (file === undefined) {
    const size = Buffer.byteLength(target ?? "");
    return { status: 200, body: { ...contentPayload(call, entry, ref, size), target }, etag: entry.oid };
  }
  const bytes = await read(file.oid);
  if (wantsRaw(call)) {
    const contentType = "application/vnd.github.raw+json; charset=utf-8";
    return { status: 200, raw: { bytes, contentType }, etag: file.oid };
  }
  const { _links, ...payload } = contentPayload(call, file, ref, bytes.length);
  const isInline = bytes.length <= INLINE_LIMIT;
  const content = isInline ? { content: base64Lines(bytes), encoding: "base64" } : { content: "", encoding: "none" };
  const link = target === undefined ? {} : { target };
  return { status: 200, body: { ...payload, ...content, ...link, _links }, etag: file.oid };
}

/** Returns the file that a symbolic link points at, with the path of the link; `undefined` when it is not a file of the repository. */
async function targetOf(
  call: RepositoryCall,
  { path }: PathEntry,
  target: string,
  commit: string,
): Promise<PathEntry | undefined> {
  const resolved = posix.join(posix.dirname(path), target);
  if (posix.isAbsolute(target) || resolved.startsWith("..")) return undefined;
  const entry = await call.repository.entryAt(commit, resolved);
  return entry?.mode === "100644" || entry?.mode === "100755" ? { path, ...entry } : undefined;
}

async function putContent(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  const wanted = parseBody(upload, call.body);
  const bytes = decodeBase64(wanted.content);
  if (bytes === undefined) throw new ApiError(422, "content is not valid Base64");
  const path = checkedPath(param(call, "path"));
  const { ref, head } = branchOf(call, wanted.branch);
  const existing = head === undefined ? undefined : await repository.entryAt(head, path);
  if (existing?.mode === "040000") throw new ApiError(422, `${path} is a directory`);
  if (existing !== undefined && wanted.sha === undefined) {
    throw new ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.');
  }
  if (wanted.sha !== undefined && existing?.oid !== wanted.sha) {
    throw new ApiError(409, `${path} does not match ${wanted.sha}`);
  }
  const oid = repository.objects.write("blob", bytes);
  const mode: FileMode = existing?.mode ?? "100644";
  const editor = await TreeEditor.open(repository.objects, await repository.treeOf(head));
  await editor.set(path, mode, oid);
  const commit = await commitTree(call, { ref, head, tree: editor.write(), wanted });
  const branch = ref.slice("refs/heads/".length);
  const content = contentPayload(call, { path, mode, oid }, branch, bytes.length);
  return { status: existing === undefined ? 201 : 200, body: { content, commit } };
}

async function deleteContent(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  const wanted = parseBody(removal, call.body ?? Object.fromEntries(call.query));
  const path = checkedPath(param(call, "path"));
  const { ref, head } = branchOf(call, wanted.branch);
  const existing = head === undefined ? undefined : await repository.entryAt(head, path);
  if (existing === undefined || existing.mode === "040000") throw notFound();
  if (existing.oid !== wanted.sha) throw new ApiError(409, `${path} does not match ${wanted.sha}`);
  const editor = await TreeEditor.open(repository.objects, await repository.treeOf(head));
  await editor.delete(path);
  const commit = await commitTree(call, { ref, head, tree: editor.write(), wanted });
  return { status: 200, body: { content: null, commit } };
}

/** Returns the branch that a request writes. It must exist, except in an empty repository. */
function branchOf(call: RepositoryCall, branch: string | undefined): { ref: string; head: string | undefined } {
  const { repository } = call;
  const name = (branch ?? repository.defaultBranch).replace(/^refs\/heads\//, "");
  const ref = `refs/heads/${name}`;
  const head = repository.refs.read(ref);
  if (head === undefined && !repository.isEmpty) throw new ApiError(404, `Branch ${name} not found`);
  return { ref, head };
}

function checkedPath(path: string): string {
  const isMalformed = path.split("/").some((part) => ["", ".", ".."].includes(part) || /^\.git$/i.test(part));
  if (path.startsWith("/")) throw new ApiError(422, "path cannot start with a slash");
  if (isMalformed) throw new ApiError(422, "path contains a malformed path component");
  return path;
}

async function commitTree(
  call: RepositoryCall,
  { ref, head, tree, wanted }: { ref: string; head: string | undefined; tree: string; wanted: z.output<typeof change> },
): Promise<Record<string, unknown>> {
  const { repository, credential } = call;
  const base = await repository.treeOf(head);
  if ((await forbiddenWorkflow(repository, credential, tree, base)) !== undefined) throw notFound();
  const committer = wanted.committer === undefined ? actorSignature(call) : dated(call, wanted.committer);
  const author = wanted.author === undefined ? committer : dated(call, wanted.author);
  const parents = head === undefined ? [] : [head];
  const oid = repository.writeCommit({ tree, parents, author, committer, message: wanted.message });
  const isOwnName = wanted.author === undefined && wanted.committer === undefined;
  if (credential?.kind === "installation" && isOwnName) repository.verified.add(oid);
  const violation = await violationOf(repository, credential, { name: ref, before: head, after: oid });
  if (violation?.source === "ruleset") {
    throw new ApiError(409, `Repository rule violations found\n\n${violation.messages.join("\n\n")}`);
  }
  if (violation?.source === "length") throw new ApiError(422, violation.messages.join("\n"));
  if (violation !== undefined) throw new ApiError(409, `Could not update file: ${violation.messages.join("\n")}`);
  try {
    await repository.moveRefs([{ name: ref, before: head ?? null, after: oid }]);
  } catch (error) {
    if (!(error instanceof RefRefusedError)) throw error;
    const actual = repository.refs.read(ref) ?? "nothing";
    throw new ApiError(409, `Ref ${ref} is at ${actual} but expected ${head ?? "nothing"}`);
  }
  const commit = await repository.history.commit(oid);
  if (commit === undefined) throw notFound();
  return gitCommitPayload(call, commit);
}
