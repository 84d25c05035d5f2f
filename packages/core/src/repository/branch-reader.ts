import pMap from "p-map";
import * as z from "zod";
import { defined } from "../defined.js";
import type { ObjectId, RemoteEntry } from "../domain/repository.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { joinPath } from "../git/path.js";
import type { TreeEntry } from "../git/tree.js";
import { undefinedFieldsOf } from "../github/error-mapping.js";
import type { GitHubClient, GitHubGraphqlOptions, ResponseHeaders } from "../github/github-client.js";
import { missingScopesOf, missingScopesText } from "../github/missing-scopes.js";
import { parseResponse } from "../github/parse-response.js";
import { parseRepositoryName, repositoryParameters } from "../github/repository-name.js";
import { branchQuery, branchQuerySchema, branchQueryVariables, OPTIONAL_FIELDS, toBranchView } from "./branch-query.js";
import type { BranchView } from "./branch-view.js";

/** The result of a conditional read of a branch's ref. `missing`: the branch or the repository does not exist. */
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
 * Reads a repository and one of its branches with one GraphQL query. A renamed repository is followed; the view has its
 * current name.
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
  try {
    const { repository, viewer } = await queryBranch(client, branchQueryVariables(owner, name, branch, directory), {
      signal,
      retry: "safe",
      // GitHub applies the rules also where a credential may not read them.
      optionalFields: OPTIONAL_FIELDS,
      onHeaders,
    });
    if (repository === null) throw notFound(fullName, undefined, headers);
    const view = toBranchView(repository, viewer, branch, headers, client.credential);
    if (view.directoryTree === null && directory !== "") await assertRoomFor(client, view, directory, signal);
    return view;
  } catch (error) {
    throw isGitHubSdkError(error, "repository_not_found") ? notFound(fullName, error.cause, headers) : error;
  }
}

/** Sends the query, and once more without the fields that an older GitHub Enterprise Server does not have. */
async function queryBranch(
  client: GitHubClient,
  variables: ReturnType<typeof branchQueryVariables>,
  options: GitHubGraphqlOptions,
): Promise<z.infer<typeof branchQuerySchema>> {
  try {
    return await client.graphql(branchQuery(), variables, branchQuerySchema, options);
  } catch (error) {
    const missing = undefinedFieldsOf(error);
    if (missing.length === 0 || !missing.every((field) => OPTIONAL_FIELDS.some((optional) => optional === field)))
      throw error;
    return client.graphql(branchQuery(missing), variables, branchQuerySchema, options);
  }
}

/**
 * Reads a branch's head, unless it still matches the etag: such a read does not count against the rate limit.
 *
 * @param etag the validator of an earlier read; `null` reads unconditionally
 * @see https://docs.github.com/en/rest/git/refs#get-a-reference
 */
export async function readHead(
  client: GitHubClient,
  fullName: string,
  branch: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<HeadRead> {
  const response = await client.request(
    "GET /repos/{owner}/{repo}/git/ref/{ref}",
    {
      ...repositoryParameters(fullName),
      ref: `heads/${branch}`,
      headers: etag === null ? {} : { "if-none-match": etag },
    },
    // 409: the repository is empty.
    { signal, expect: [304, 404, 409] },
  );
  if (response.status === 304) return { state: "unchanged" };
  if (response.status !== 200) return { state: "missing" };
  return { state: "read", head: parseResponse(refSchema, response).object.sha, etag: response.headers.etag ?? null };
}

/**
 * Reads all files, symbolic links and submodules below a tree with one request, or, where GitHub truncates the response
 * (beyond 100,000 entries or 7 MB), one request per sub-tree.
 *
 * @param treeOid the tree of the directory
 * @returns all entries by their path relative to that tree
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
  const response = await client.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", parameters, { signal });
  const { tree, truncated } = parseResponse(treeSchema, response);
  if (truncated) throw tooManyEntries(fullName);
  return tree.map(({ path, mode, sha }) => ({ name: path, mode, oid: sha }));
}

/**
 * Reads the bytes of a blob, up to 100 MB.
 *
 * @returns `null` when GitHub does not have the blob
 * @see https://docs.github.com/en/rest/git/blobs#get-a-blob
 */
export async function readBlob(
  client: GitHubClient,
  fullName: string,
  oid: ObjectId,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const response = await client.request(
    "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
    { ...repositoryParameters(fullName), file_sha: oid, mediaType: { format: "raw" } },
    { signal, expect: [404] },
  );
  return response.status === 404 ? null : new Uint8Array(parseResponse(z.instanceof(ArrayBuffer), response));
}

/** A missing directory may have a file of the repository as its parent, which the SDK must not remove. */
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
    `The directory cannot be created: "${path}" is a file in the repository. Choose another directory.`,
    { details: { path } },
  );
}

function notFound(fullName: string, cause: unknown, headers: ResponseHeaders): GitHubSdkError {
  const missingScopes = missingScopesOf("repository_not_found", headers);
  return new GitHubSdkError(
    "repository_not_found",
    `The repository ${fullName} was not found: it does not exist, or the credential has no access to it.${missingScopesText(missingScopes)}`,
    defined({
      cause,
      details: { repository: fullName, ...(missingScopes.length === 0 ? {} : { missingScopes }) },
    }),
  );
}

type Entries = readonly (readonly [path: string, entry: RemoteEntry])[];

class TreeReader {
  // The same tree often occurs at several paths.
  readonly #read = new Map<ObjectId, Promise<Entries>>();

  readonly #client: GitHubClient;
  readonly #fullName: string;
  readonly #signal: AbortSignal;

  constructor(client: GitHubClient, fullName: string, signal: AbortSignal) {
    this.#client = client;
    this.#fullName = fullName;
    this.#signal = signal;
  }

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
    if (level.truncated) throw tooManyEntries(this.#fullName);
    const parts = await pMap(
      level.tree,
      async (entry): Promise<Entries> => {
        if (entry.type !== "tree") return [toEntry(entry)];
        const below = await this.entriesBelow(entry.sha);
        return below.map(([path, value]) => [`${entry.path}/${path}`, value] as const);
      },
      { concurrency: CONCURRENCY, signal: this.#signal },
    );
    return parts.flat();
  }

  async #tree(oid: ObjectId, query: Readonly<Record<string, string>>): Promise<z.infer<typeof treeSchema>> {
    const response = await this.#client.request(
      "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
      { ...repositoryParameters(this.#fullName), tree_sha: oid, ...query },
      { signal: this.#signal },
    );
    return parseResponse(treeSchema, response);
  }
}

/** A truncated listing is an error, since its missing files would look deleted. */
function tooManyEntries(fullName: string): GitHubSdkError {
  return new GitHubSdkError(
    "input_too_large",
    `A directory of ${fullName} has more entries than GitHub lists (about 100,000). Sync to another directory of the repository.`,
  );
}

function toEntry({ path, mode, sha }: z.infer<typeof treeSchema>["tree"][number]): readonly [string, RemoteEntry] {
  return [path, { mode, oid: sha }];
}
