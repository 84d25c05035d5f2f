import { pMapIterable } from "p-map";
import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { beginRepository } from "./begin-repository.js";
import { BranchMover } from "./branch-mover.js";
import { withTrailer } from "./commit-message.js";
import type { ChangeSet, CommitWriter, FileWrite, WriteContext, WrittenCommit } from "./commit-writer.js";
import { requestedIdentities } from "./requested-identities.js";
import { TreeChain } from "./tree-chain.js";
import { deletion, TreeEntryMaker } from "./tree-entry.js";
import { afterDeletes, changedPaths, touchesWorkflows } from "./written-paths.js";

// A request body may have about 50 MB, and base64 is a third larger than the file.
const LARGEST_FILE = 35 * 1024 * 1024;
const UPLOADS_AT_ONCE = 4;
// Larger files are uploaded one at a time, since each is in memory several times.
const LARGE_FILE = 4 * 1024 * 1024;

const createdCommitSchema = z.object({ sha: z.string(), html_url: z.string() });

/**
 * Returns a writer that uses GitHub's Git Data API: chained trees with inline text, blobs for other content, one commit
 * (without an author unless the sync requests one, so that GitHub signs it for installations), one move of the ref.
 *
 * @see https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-your-git-database
 */
export function createGitDataWriter(): CommitWriter {
  const mover = new BranchMover();
  return {
    name: "git-data",
    refusal,
    unsuitable: () => null,
    // GitHub does not sign a commit whose author or committer is given.
    signer: (credentialKind, { requestedAuthor }) =>
      credentialKind === "installation" && requestedAuthor === null ? "GitHub" : null,
    fallsBackOn: new Set(["input_too_large", "signature_required"]),
    write: (changeSet, context) =>
      changeSet.parent === null ? writeFirst(changeSet, context, mover) : writeNext(changeSet, context, mover, []),
  };
}

function refusal({ writes }: ChangeSet): string | null {
  const large = writes.filter(({ size }) => size > LARGEST_FILE);
  if (large.length === 0) return null;
  const names = large.slice(0, 5).map(({ path, size }) => `${path} has ${(size / 1024 / 1024).toFixed(1)} MB`);
  return `GitHub's API accepts files of up to 35 MB, and ${names.join(", ")}`;
}

async function writeFirst(changeSet: ChangeSet, context: WriteContext, mover: BranchMover): Promise<WrittenCommit> {
  const first = await beginRepository(changeSet, context);
  if (first.rest.length === 0) {
    context.onProgress(1);
    return { commitId: first.commitId, url: first.url, rootTree: first.tree, notes: [] };
  }
  const note = `The repository was empty, and GitHub's API cannot create its first commit with more than one file: the initial commit ${first.commitId} precedes the commit with the other files.`;
  const { commitId, tree } = first;
  const done = changeSet.writes.length - first.rest.length;
  const counting = { ...context, onProgress: (files: number) => context.onProgress(done + files) };
  const rest = { ...changeSet, writes: first.rest, expectedHead: commitId, parent: commitId, baseTree: tree };
  return writeNext(rest, counting, mover, [note]);
}

async function writeNext(
  changeSet: ChangeSet,
  context: WriteContext,
  mover: BranchMover,
  notes: readonly string[],
): Promise<WrittenCommit> {
  const { repository, branch, expectedHead } = changeSet;
  const tree = await buildTree(changeSet, context);
  const { sha, html_url } = await createCommit(changeSet, tree, context);
  await context.beforeMove(sha, expectedHead);
  const paths = changedPaths(changeSet);
  const move = {
    repository,
    branch,
    from: expectedHead,
    to: sha,
    touchesWorkflows: touchesWorkflows(changeSet),
    paths,
  };
  await mover.move(context.client, move, context.signal);
  return { commitId: sha, url: html_url, rootTree: tree, notes };
}

async function buildTree(changeSet: ChangeSet, context: WriteContext): Promise<ObjectId> {
  const { baseTree, expectedTree, writes, deletes } = changeSet;
  if (baseTree === null)
    throw new GitHubSdkError("internal_error", "Internal error: a commit with a parent has no base tree.");
  const chain = new TreeChain(baseTree, changeSet, context);
  const waiting = afterDeletes(changeSet);
  for (const path of deletes) await chain.add(deletion(path));
  const upload = uploader(changeSet, context, chain);
  await upload(writes.filter(({ path }) => !waiting.has(path)));
  if (waiting.size > 0) {
    await chain.flush();
    await upload(writes.filter(({ path }) => waiting.has(path)));
  }
  const tree = await chain.flush();
  if (expectedTree !== null && tree !== expectedTree) {
    throw new GitHubSdkError(
      "tree_mismatch",
      "GitHub built a different tree than expected, so the branch was not moved. Sync again.",
      {
        details: { expected: expectedTree, actual: tree },
      },
    );
  }
  return tree;
}

function uploader(changeSet: ChangeSet, context: WriteContext, chain: TreeChain) {
  const entries = new TreeEntryMaker(changeSet, context);
  let uploaded = 0;
  const uploadSome = async (writes: readonly FileWrite[], concurrency: number): Promise<void> => {
    for await (const entry of pMapIterable(writes, (write) => entries.entryFor(write), { concurrency })) {
      await chain.add(entry);
      uploaded += 1;
      context.onProgress(uploaded);
    }
  };
  return async (writes: readonly FileWrite[]): Promise<void> => {
    await uploadSome(
      writes.filter(({ size }) => size <= LARGE_FILE),
      UPLOADS_AT_ONCE,
    );
    await uploadSome(
      writes.filter(({ size }) => size > LARGE_FILE),
      1,
    );
  };
}

async function createCommit(
  changeSet: ChangeSet,
  tree: ObjectId,
  { client, signal }: WriteContext,
): Promise<z.infer<typeof createdCommitSchema>> {
  const { repository, message, trailer, parent } = changeSet;
  const response = await client.request(
    "POST /repos/{owner}/{repo}/git/commits",
    {
      ...repositoryParameters(repository.fullName),
      message: withTrailer(message, trailer),
      tree,
      parents: parent === null ? [] : [parent],
      ...requestedIdentities(changeSet),
    },
    { signal, retry: "safe" },
  );
  return parseResponse(createdCommitSchema, response);
}
