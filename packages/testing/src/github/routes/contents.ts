import { z } from "zod";
import { RefRefusedError } from "../git/ref-database.js";
import { type FileMode, readTree, typeOfMode } from "../git/tree.js";
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
  if (repository.isEmpty) {
    if (param(call, "path") === "") throw new ApiError(404, "This repository is empty.");
    throw notFound();
  }
  const ref = call.query.get("ref") ?? repository.defaultBranch;
  const commit = await resolveCommit(repository, ref);
  if (commit === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`);
  const path = param(call, "path").replace(/\/$/, "");
  const entry = await repository.entryAt(commit.oid, path);
  if (entry === undefined) throw notFound();
  const lastModified = commit.committer.seconds;
  if (entry.mode === "040000") {
    const children = await readTree(repository.objects, entry.oid);
    const sizes = await repository.objects.sizes(
      children.filter(({ mode }) => typeOfMode(mode) === "blob").map(({ oid }) => oid),
    );
    const body = children.map(({ mode, name, oid }) => {
      const child = path === "" ? name : `${path}/${name}`;
      return contentPayload(call, { path: child, mode, oid }, ref, sizes.get(oid) ?? 0);
    });
    return { status: 200, body, lastModified };
  }
  const bytes = (await repository.objects.readAs("blob", entry.oid)) ?? Buffer.alloc(0);
  if (wantsRaw(call)) {
    const contentType = "application/vnd.github.raw+json; charset=utf-8";
    return { status: 200, raw: { bytes, contentType }, etag: entry.oid, lastModified };
  }
  const payload = contentPayload(call, { path, ...entry }, ref, bytes.length);
  const isInline = bytes.length <= INLINE_LIMIT;
  const content = isInline ? { content: base64Lines(bytes), encoding: "base64" } : { content: "", encoding: "none" };
  const links = { _links: payload._links };
  return { status: 200, body: { ...payload, ...content, ...links }, etag: entry.oid, lastModified };
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
