import * as z from "zod";
import type { ObjectId, RemoteEntry } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { readEntries, readTree } from "./branch-reader.js";

const commitSchema = z.object({
  tree: z.object({ sha: z.string() }),
  parents: z.array(z.object({ sha: z.string() })),
});

/** A repository, a directory of it, and the client to read it with. */
export interface CommitTreesQuery {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  /** `""` for the root. */
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** The files below a directory in a commit and in its first parent. Paths are relative to the directory. */
export interface CommitTrees {
  /** Empty for a commit without a parent. */
  readonly before: ReadonlyMap<string, RemoteEntry>;
  readonly after: ReadonlyMap<string, RemoteEntry>;
}

/** Reads the files below a directory in a commit and in its first parent. @throws GitHubSdkError what the client maps */
export async function readCommitTrees(query: CommitTreesQuery, commitId: ObjectId): Promise<CommitTrees> {
  const { tree, parents } = await readCommit(query, commitId);
  const [parent] = parents;
  const before = parent === undefined ? null : (await readCommit(query, parent.sha)).tree.sha;
  return {
    before: before === null ? new Map() : await entriesBelow(query, before),
    after: await entriesBelow(query, tree.sha),
  };
}

/** @see https://docs.github.com/en/rest/git/commits#get-a-commit-object */
async function readCommit({ client, repository, signal }: CommitTreesQuery, commitId: ObjectId) {
  const parameters = { ...repositoryParameters(repository), commit_sha: commitId };
  const response = await client.request("GET /repos/{owner}/{repo}/git/commits/{commit_sha}", parameters, { signal });
  return parseResponse(commitSchema, response);
}

async function entriesBelow(
  { client, repository, directory, signal }: CommitTreesQuery,
  root: ObjectId,
): Promise<ReadonlyMap<string, RemoteEntry>> {
  let tree = root;
  for (const segment of directory === "" ? [] : directory.split("/")) {
    const level = await readTree(client, repository, tree, signal);
    const entry = level.find(({ name }) => name === segment);
    if (entry?.mode !== "040000") return new Map();
    tree = entry.oid;
  }
  return readEntries(client, repository, tree, signal);
}
