import * as z from "zod";
import { GitHubSdkError } from "../errors.js";
import { undefinedFieldsOf } from "../github/error-mapping.js";
import { splitMessage, withTrailer } from "./commit-message.js";
import type { ChangeSet, CommitWriter, WriteContext, WrittenCommit } from "./commit-writer.js";
import { explainRefusal } from "./explain-refusal.js";
import { changedPaths, changesPathKind, touchesWorkflows } from "./written-paths.js";

// The sizes that the writer is chosen for. GitHub's limits are higher and not documented, but a request that times out costs
// additional rate limit. https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
const MAX_FILES = 100;
const MAX_BYTES = 4 * 1024 * 1024;
// A request body may have about 50 MB, and base64 is a third larger than the files.
const MAX_REQUEST_BYTES = 35 * 1024 * 1024;

const CREATE_COMMIT = /* GraphQL */ `
  mutation CreateCommit($input: CreateCommitOnBranchInput!) {
    createCommitOnBranch(input: $input) { commit { oid url } }
  }
`;

const createdSchema = z.object({
  createCommitOnBranch: z.object({ commit: z.object({ oid: z.string(), url: z.string() }) }),
});

/**
 * A writer that sends one `createCommitOnBranch`: GitHub makes and signs the commit, and compares the head in the same step.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
 */
export const graphqlWriter: CommitWriter = {
  name: "graphql",
  refusal,
  unsuitable,
  signer: () => "GitHub",
  fallsBackOn: new Set(["input_too_large", "signature_required", "writer_refused"]),
  write,
};

function refusal(changeSet: ChangeSet): string | null {
  const { expectedHead, repository, requestedAuthor, writes } = changeSet;
  if (requestedAuthor !== null) return "it cannot set the author of a commit";
  if (repository.isEmpty) return "the repository is empty";
  if (expectedHead === null) return "the branch does not exist yet";
  const special = writes.find(
    ({ mode, previousMode }) => mode !== "100644" || !["100644", null].includes(previousMode),
  );
  if (special !== undefined) return `it cannot set file modes, and ${special.path} is or was not a plain file`;
  const turned = changesPathKind(changeSet);
  if (turned !== null) return `${turned} changes from a file to a directory, or the reverse`;
  const bytes = bytesOf(changeSet);
  return bytes > MAX_REQUEST_BYTES ? `${megabytes(bytes)} are more than the 35 MB that a request can have` : null;
}

function unsuitable(changeSet: ChangeSet): string | null {
  const files = changeSet.writes.length + changeSet.deletes.length;
  if (files > MAX_FILES)
    return `${files.toLocaleString("en-US")} files are more than the ${MAX_FILES} it is chosen for`;
  const bytes = bytesOf(changeSet);
  return bytes > MAX_BYTES ? `${megabytes(bytes)} are more than the 4 MB it is chosen for` : null;
}

function bytesOf({ writes }: ChangeSet): number {
  return writes.reduce((sum, { size }) => sum + size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

async function write(changeSet: ChangeSet, context: WriteContext): Promise<WrittenCommit> {
  const { client, signal } = context;
  const additions: { path: string; contents: string }[] = [];
  for (const { path, oid } of changeSet.writes) {
    additions.push({ path, contents: Buffer.from(await changeSet.content(oid)).toString("base64") });
    context.onProgress(additions.length);
  }
  const input = {
    branch: { repositoryNameWithOwner: changeSet.repository.fullName, branchName: changeSet.branch },
    expectedHeadOid: changeSet.expectedHead,
    message: splitMessage(withTrailer(changeSet.message, changeSet.trailer)),
    fileChanges: { additions, deletions: changeSet.deletes.map((path) => ({ path })) },
  };
  await context.beforeMove(null, changeSet.expectedHead);
  const options = { signal, touchesWorkflows: touchesWorkflows(changeSet) };
  try {
    const { createCommitOnBranch } = await client.graphql(CREATE_COMMIT, { input }, createdSchema, options);
    const { oid, url } = createCommitOnBranch.commit;
    return { commitId: oid, url, rootTree: changeSet.expectedTree, notes: [] };
  } catch (error) {
    if (undefinedFieldsOf(error).includes("createCommitOnBranch")) throw mutationMissing(error);
    const { repository, branch, expectedHead } = changeSet;
    const move = { repository, branch, from: expectedHead, paths: changedPaths(changeSet) };
    throw await explainRefusal(client, move, error, signal);
  }
}

function mutationMissing(cause: unknown): GitHubSdkError {
  return new GitHubSdkError(
    "writer_refused",
    "This GitHub Enterprise Server does not have `createCommitOnBranch`. Pin another writer, or use `auto`.",
    { cause },
  );
}
