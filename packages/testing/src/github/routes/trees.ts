import * as z from "zod";
import { type FileMode, type PathEntry, readTree, typeOfMode, walkTree } from "../git/tree.js";
import { TreeEditor } from "../git/tree-editor.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryCall, RepositoryRoute } from "../http/route.js";
import { treeEntryPayload } from "../payloads/git-object.js";
import { repositoryUrl } from "../payloads/repository.js";
import { forbiddenWorkflow } from "../repositories/ref-guard.js";
import type { BoxRepository } from "../repositories/repository.js";
import { isObjectId, resolveCommit } from "../repositories/resolve-ref.js";
import { gitDataRoute, param } from "./repository-route.js";

const MODES = ["100644", "100755", "040000", "160000", "120000"] as const;

const newTree = z.object({
  base_tree: z.string().nullish(),
  tree: z.array(
    z.object({
      path: z.string().optional(),
      mode: z.string().optional(),
      type: z.string().optional(),
      sha: z.string().nullable().optional(),
      content: z.string().optional(),
    }),
  ),
});

type NewEntry = z.output<typeof newTree>["tree"][number];

/**
 * Routes for git trees.
 *
 * @see https://docs.github.com/rest/git/trees
 */
export const treeRoutes: readonly RepositoryRoute[] = [
  gitDataRoute({
    method: "POST",
    template: "/repos/{owner}/{repo}/git/trees",
    docs: "git/trees#create-a-tree",
    need: { permission: "contents", level: "write" },
    repositoryHandler: createTree,
  }),
  gitDataRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/git/trees/{tree_sha}",
    docs: "git/trees#get-a-tree",
    need: { permission: "contents", level: "read" },
    repositoryHandler: async (call) => {
      const { sha, tree, seconds } = await findTree(call.repository, param(call, "tree_sha"));
      // Any value enables recursion, also "0" and "false".
      const entries = call.query.has("recursive")
        ? walkTree(call.repository.objects, tree, { directories: true })
        : (await readTree(call.repository.objects, tree)).map(({ mode, name, oid }) => ({ mode, path: name, oid }));
      const body = await treePayload(call, sha, entries);
      return { status: 200, body, ...(seconds === undefined ? {} : { lastModified: seconds }) };
    },
  }),
];

async function createTree(call: RepositoryCall) {
  const { repository } = call;
  const { base_tree, tree } = parseBody(newTree, call.body);
  const base = base_tree == null ? undefined : await baseTree(repository, base_tree);
  const editor = await TreeEditor.open(repository.objects, base);
  for (const entry of tree) await applyEntry(repository, editor, entry, base !== undefined);
  const sha = editor.write();
  // GitHub responds with 404 when the permission for workflow files is missing.
  if ((await forbiddenWorkflow(repository, call.credential, sha, base)) !== undefined) throw notFound();
  const entries = (await readTree(repository.objects, sha)).map(({ mode, name, oid }) => ({ mode, path: name, oid }));
  const url = `${repositoryUrl(repository, call)}/git/trees/${sha}`;
  return { status: 201, body: await treePayload(call, sha, entries), headers: { Location: url } };
}

async function applyEntry(
  repository: BoxRepository,
  editor: TreeEditor,
  entry: NewEntry,
  hasBase: boolean,
): Promise<void> {
  const path = checkedPath(entry.path);
  if (entry.sha === null) {
    if (!hasBase || !(await editor.delete(path))) throw new ApiError(422, "GitRPC::BadObjectState");
    return;
  }
  const mode = MODES.find((candidate) => candidate === entry.mode);
  if (mode === undefined) {
    throw new ApiError(422, "tree.mode must be one of 100644, 100755, 040000, 160000, or 120000");
  }
  if (entry.sha !== undefined && entry.content !== undefined) {
    throw new ApiError(422, "Cannot supply both tree.sha and tree.content");
  }
  if (entry.sha === undefined && entry.content === undefined) {
    throw new ApiError(422, "Must supply either tree.sha or tree.content");
  }
  const oid = entry.sha ?? repository.objects.write("blob", Buffer.from(entry.content ?? ""));
  await checkObject(repository, mode, oid);
  await editor.set(path, mode, oid);
}

/** Returns a valid `tree.path`. Throws GitHub's 422 for an invalid one. */
function checkedPath(path: string | undefined): string {
  if (path === undefined || path === "") throw new ApiError(422, "tree.path cannot be blank");
  if (path.startsWith("/")) throw new ApiError(422, "tree.path cannot start with a slash");
  if (path.includes("\0") || path.split("/").some((part) => ["", ".", ".."].includes(part) || /^\.git$/i.test(part))) {
    throw new ApiError(422, "tree.path contains a malformed path component");
  }
  return path;
}

async function checkObject(repository: BoxRepository, mode: FileMode, oid: string): Promise<void> {
  if (!isObjectId(oid)) throw new ApiError(422, `tree.sha ${oid} is not a valid ${typeOfMode(mode)}`);
  if (mode === "160000") return;
  const object = await repository.objects.read(oid);
  if (object?.type !== typeOfMode(mode)) throw new ApiError(422, `tree.sha ${oid} is not a valid ${typeOfMode(mode)}`);
}

/** Returns the base tree, which can be given as tree or commit ID. */
async function baseTree(repository: BoxRepository, oid: string): Promise<string> {
  const object = isObjectId(oid) ? await repository.objects.read(oid) : undefined;
  const tree = object?.type === "commit" ? await repository.treeOf(oid) : object?.type === "tree" ? oid : undefined;
  if (tree === undefined) throw new ApiError(422, "base_tree is not a valid tree oid");
  return tree;
}

/** Finds a tree by tree ID, commit ID or ref. As on GitHub, `sha` is the commit's ID if there is one. */
async function findTree(
  repository: BoxRepository,
  name: string,
): Promise<{ sha: string; tree: string; seconds?: number }> {
  const object = isObjectId(name) ? await repository.objects.read(name) : undefined;
  if (object?.type === "tree") return { sha: name, tree: name };
  const commit = await resolveCommit(repository, name);
  if (commit === undefined) throw notFound();
  return { sha: commit.oid, tree: commit.tree, seconds: commit.committer.seconds };
}

async function treePayload(
  call: RepositoryCall,
  sha: string,
  source: AsyncIterable<PathEntry> | Iterable<PathEntry>,
): Promise<Record<string, unknown>> {
  const limits = call.platform.control.limits;
  const entries: PathEntry[] = [];
  let truncated = false;
  for await (const entry of source) {
    if (entries.length === limits.treeEntries) {
      truncated = true;
      break;
    }
    entries.push(entry);
  }
  const blobs = entries.filter(({ mode }) => typeOfMode(mode) === "blob").map(({ oid }) => oid);
  const sizes = await call.repository.objects.sizes(blobs);
  const payloads = entries.map((entry) => treeEntryPayload(call, entry, sizes.get(entry.oid)));
  const tree = firstBytes(payloads, limits.treeBytes);
  if (tree.length < payloads.length) truncated = true;
  return { sha, url: `${repositoryUrl(call.repository, call)}/git/trees/${sha}`, tree, truncated };
}

/** Returns the first entries whose JSON fits into `limit` bytes. */
function firstBytes(entries: Record<string, unknown>[], limit: number): Record<string, unknown>[] {
  let bytes = 0;
  const end = entries.findIndex((entry) => {
    bytes += JSON.stringify(entry).length;
    return bytes > limit;
  });
  return end === -1 ? entries : entries.slice(0, end);
}
