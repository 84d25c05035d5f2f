import pMap from "p-map";
import { z } from "zod";
import { defined } from "../defined.js";
import type { ObjectId, RemoteEntry } from "../domain/repository.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { joinPath } from "../git/path.js";
import type { TreeEntry } from "../git/tree.js";
import type { GitHubClient, ResponseHeaders } from "../github/github-client.js";
import { parseAnswer } from "../github/parse-answer.js";
import { parseRepositoryName, repositoryParameters } from "../github/repository-name.js";
import { BRANCH_QUERY, branchQuerySchema, branchQueryVariables, toBranchView } from "./branch-query.js";
import type { BranchView } from "./branch-view.js";

/** What one conditional read of a branch's ref tells. `missing`: there is no such branch, or no such repository any more. */
export type HeadRead =
  | { readonly state: "unchanged" }
  | { readonly state: "read"; readonly head: ObjectId; readonly etag: string | null }
  | { readonly state: "missing" };

const refSchema = z.object({ object: z.object({ sha: z.string() }) });

const treeSchema = z.object({
  truncated: z.boolean(),
  tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string() })),
});

const CONCURRENCY = 4;

/**
 * Looks at a repository and one of its branches, with one GraphQL query. A renamed repository is followed; the view has its
 * present name.
 *
 * @param directory a folder of the repository, `""` for its root
 * @throws GitHubSdkError `invalid_repository_name`, `repository_not_found`, `repository_archived`, and what the client maps
 */
export async function viewBranch(
  client: GitHubClient,
  fullName: string,
  branch: string,
  directory: string,
  signal: AbortSignal,
): Promise<BranchView> {
  const { owner, name } = parseRepositoryName(fullName);
  let headers: ResponseHeaders = {};
  const onHeaders = (received: ResponseHeaders): void => {
    headers = received;
  };
  const variables = branchQueryVariables(owner, name, branch, directory);
  // Some credentials may not read the rules; GitHub applies them all the same.
  const options = { signal, retry: "safe", optionalFields: ["refUpdateRule", "rules"], onHeaders } as const;
  try {
    const { repository, viewer } = await client.graphql(BRANCH_QUERY, variables, branchQuerySchema, options);
    if (repository === null) throw notFound(fullName, undefined);
    const view = toBranchView(repository, viewer, branch, headers, client.credential);
    if (view.directoryTree === null && directory !== "") await assertRoomFor(client, view, directory, signal);
    return view;
  } catch (error) {
    throw isGitHubSdkError(error, "repository_not_found") ? notFound(fullName, error.cause) : error;
  }
}

/**
 * Reads a branch's head, unless it is still the one that the etag belongs to: such a read costs nothing of the rate limit.
 *
 * @param etag the validator of an earlier read; `null` reads in any case
 * @see https://docs.github.com/en/rest/git/refs#get-a-reference
 */
export async function readHead(
  client: GitHubClient,
  fullName: string,
  branch: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<HeadRead> {
  const answer = await client.request(
    "GET /repos/{owner}/{repo}/git/ref/{ref}",
    {
      ...repositoryParameters(fullName),
      ref: `heads/${branch}`,
      headers: etag === null ? {} : { "if-none-match": etag },
    },
    // 409: the repository is empty.
    { signal, expect: [304, 404, 409] },
  );
  if (answer.status === 304) return { state: "unchanged" };
  if (answer.status !== 200) return { state: "missing" };
  return { state: "read", head: parseAnswer(refSchema, answer).object.sha, etag: answer.headers.etag ?? null };
}

/**
 * Reads every file, symbolic link and submodule below a tree: one request, and where GitHub cuts the answer short (beyond
 * 100,000 entries or 7 MB) the sub-trees one by one.
 *
 * @param treeOid the tree of the directory that is wanted
 * @returns entries by their path relative to that tree, always all of them
 * @throws GitHubSdkError `input_too_large` when a single folder has more entries than GitHub lists, and what the client maps
 * @see https://docs.github.com/en/rest/git/trees#get-a-tree
 */
export async function readEntries(
  client: GitHubClient,
  fullName: string,
  treeOid: ObjectId,
  signal: AbortSignal,
): Promise<Map<string, RemoteEntry>> {
  const trees = new TreeReader(client, fullName, signal);
  const entries = new Map<string, RemoteEntry>();
  for (const [path, entry] of await trees.entriesBelow(treeOid)) entries.set(path, entry);
  return entries;
}

/**
 * Reads the entries of one tree, without those of its sub-trees.
 *
 * @throws GitHubSdkError `input_too_large` when it has more entries than GitHub lists, and what the client maps
 * @see https://docs.github.com/en/rest/git/trees#get-a-tree
 */
export async function readTree(
  client: GitHubClient,
  fullName: string,
  treeOid: ObjectId,
  signal: AbortSignal,
): Promise<TreeEntry[]> {
  const parameters = { ...repositoryParameters(fullName), tree_sha: treeOid };
  const answer = await client.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", parameters, { signal });
  const { tree, truncated } = parseAnswer(treeSchema, answer);
  if (truncated) throw tooManyEntries(fullName);
  return tree.map(({ path, mode, sha }) => ({ name: path, mode, oid: sha }));
}

/**
 * Reads the bytes of a blob, up to 100 MB.
 *
 * @returns `null` when GitHub does not have it
 * @see https://docs.github.com/en/rest/git/blobs#get-a-blob
 */
export async function readBlob(
  client: GitHubClient,
  fullName: string,
  oid: ObjectId,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const answer = await client.request(
    "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
    { ...repositoryParameters(fullName), file_sha: oid, mediaType: { format: "raw" } },
    { signal, expect: [404] },
  );
  return answer.status === 404 ? null : new Uint8Array(parseAnswer(z.instanceof(ArrayBuffer), answer));
}

/** A folder that is not there may stand behind a file of the repository, which is not this SDK's to remove. */
async function assertRoomFor(
  client: GitHubClient,
  view: BranchView,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  let tree = view.rootTree;
  let path = "";
  for (const segment of directory.split("/")) {
    if (tree === null) return;
    path = joinPath(path, segment);
    const level: readonly TreeEntry[] = await readTree(client, view.repository.fullName, tree, signal);
    const entry = level.find(({ name }) => name === segment);
    if (entry === undefined) return;
    if (entry.mode !== "040000") throw directoryIsFile(path);
    tree = entry.oid;
  }
}

function directoryIsFile(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "path_collision",
    `The directory cannot be made: "${path}" is a file in the repository. Choose another directory.`,
    { details: { path } },
  );
}

function notFound(fullName: string, cause: unknown): GitHubSdkError {
  return new GitHubSdkError(
    "repository_not_found",
    `GitHub does not show ${fullName} to this credential: it does not exist, or access to it is missing.`,
    defined({ cause, details: { repository: fullName } }),
  );
}

type Entries = readonly (readonly [path: string, entry: RemoteEntry])[];

class TreeReader {
  // One folder's content is often found at several places.
  readonly #read = new Map<ObjectId, Promise<Entries>>();

  constructor(
    private readonly client: GitHubClient,
    private readonly fullName: string,
    private readonly signal: AbortSignal,
  ) {}

  entriesBelow(oid: ObjectId): Promise<Entries> {
    const known = this.#read.get(oid);
    if (known !== undefined) return known;
    const reading = this.#readBelow(oid);
    this.#read.set(oid, reading);
    return reading;
  }

  async #readBelow(oid: ObjectId): Promise<Entries> {
    const whole = await this.#tree(oid, { recursive: "1" });
    if (!whole.truncated) return whole.tree.filter((entry) => entry.type !== "tree").map(toEntry);
    const level = await this.#tree(oid, {});
    if (level.truncated) throw tooManyEntries(this.fullName);
    const parts = await pMap(
      level.tree,
      async (entry): Promise<Entries> => {
        if (entry.type !== "tree") return [toEntry(entry)];
        const below = await this.entriesBelow(entry.sha);
        return below.map(([path, value]) => [`${entry.path}/${path}`, value] as const);
      },
      { concurrency: CONCURRENCY, signal: this.signal },
    );
    return parts.flat();
  }

  async #tree(oid: ObjectId, query: Readonly<Record<string, string>>): Promise<z.infer<typeof treeSchema>> {
    const answer = await this.client.request(
      "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
      { ...repositoryParameters(this.fullName), tree_sha: oid, ...query },
      { signal: this.signal },
    );
    return parseAnswer(treeSchema, answer);
  }
}

/** Half a listing must not be taken for the whole: what it lacks would look deleted. */
function tooManyEntries(fullName: string): GitHubSdkError {
  return new GitHubSdkError(
    "input_too_large",
    `A folder of ${fullName} has more entries than GitHub lists (about 100,000). Sync another folder of the repository.`,
  );
}

function toEntry({ path, mode, sha }: z.infer<typeof treeSchema>["tree"][number]): readonly [string, RemoteEntry] {
  return [path, { mode, oid: sha }];
}
