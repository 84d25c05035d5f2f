import { z } from "zod";
import { splitMessage, withTrailer } from "./commit-message.js";
import type { ChangeSet, CommitWriter, WriteContext, WrittenCommit } from "./commit-writer.js";
import { explainRefusal } from "./explain-refusal.js";
import { changesPathKind, touchesWorkflows } from "./written-paths.js";

// GitHub's own limits are higher and not documented (about 40 MB a request); a request that runs into its time limit is
// charged extra. https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
const MAX_FILES = 100;
const MAX_BYTES = 4 * 1024 * 1024;

const CREATE_COMMIT = /* GraphQL */ `
  mutation CreateCommit($input: CreateCommitOnBranchInput!) {
    createCommitOnBranch(input: $input) { commit { oid url } }
  }
`;

const createdSchema = z.object({
  createCommitOnBranch: z.object({ commit: z.object({ oid: z.string(), url: z.string() }) }),
});

/**
 * Writes with one `createCommitOnBranch`: GitHub makes the commit, signs it, and compares the head in the same step.
 *
 * @see https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
 */
export const graphqlWriter: CommitWriter = {
  name: "graphql",
  refusal,
  signer: () => "GitHub",
  fallsBackOn: new Set(["input_too_large", "signature_required"]),
  write,
};

function refusal(changeSet: ChangeSet): string | null {
  const { expectedHead, repository, writes, deletes } = changeSet;
  if (repository.isEmpty) return "the repository is empty";
  if (expectedHead === null) return "the branch does not exist yet";
  const special = writes.find(
    ({ mode, previousMode }) => mode !== "100644" || !["100644", null].includes(previousMode),
  );
  if (special !== undefined) return `it cannot set file modes, and ${special.path} is or was no plain file`;
  const turned = changesPathKind(changeSet);
  if (turned !== null) return `${turned} turns from a file into a folder, or the reverse`;
  const files = writes.length + deletes.length;
  if (files > MAX_FILES) return `there are ${files.toLocaleString("en-US")} files, and it takes ${MAX_FILES}`;
  const bytes = writes.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BYTES) return `there are ${(bytes / 1024 / 1024).toFixed(1)} MB, and it takes 4 MB`;
  return null;
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
    const { repository, branch, expectedHead } = changeSet;
    throw await explainRefusal(client, { repository, branch, from: expectedHead }, error, signal);
  }
}
