import * as z from "zod";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import { parseResponse } from "../github/parse-response.js";
import { repositoryParameters } from "../github/repository-name.js";
import { withTrailer } from "./commit-message.js";
import type { ChangeSet, FileWrite, WriteContext } from "./commit-writer.js";
import { requestedIdentities } from "./requested-identities.js";
import { isWorkflow } from "./written-paths.js";

/** The first commit of an empty repository. */
export interface FirstCommit {
  readonly commitId: ObjectId;
  readonly tree: ObjectId;
  readonly url: string;
  /** The writes of the change set that the commit does not include. */
  readonly rest: readonly FileWrite[];
}

const writtenSchema = z.object({
  commit: z.object({
    sha: z.string(),
    html_url: z.string(),
    tree: z.object({ sha: z.string() }),
    parents: z.array(z.object({ sha: z.string() })),
  }),
});

/**
 * Creates the first commit of an empty repository with one file of the change set.
 *
 * It uses the contents API, since the Git Data API does not work in an empty repository. The commit has the change set's
 * message only if no other commit follows, so that the initial commit is never mistaken for the whole sync.
 *
 * @throws GitHubSdkError `branch_moved` when the repository is no longer empty, and what the client maps
 * @see https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents
 */
export async function beginRepository(changeSet: ChangeSet, context: WriteContext): Promise<FirstCommit> {
  const { client, signal } = context;
  const first = firstFile(changeSet.writes);
  const content = Buffer.from(await changeSet.content(first.oid)).toString("base64");
  // The contents API cannot set a mode, so the next commit does.
  const rest = changeSet.writes.filter((write) => write !== first || first.mode !== "100644");
  const message =
    rest.length === 0
      ? withTrailer(changeSet.message, changeSet.trailer)
      : "Initialize repository\n\nThe other files follow in the next commit.";
  await context.beforeMove(null, null);
  const response = await client.request(
    "PUT /repos/{owner}/{repo}/contents/{path}",
    {
      ...repositoryParameters(changeSet.repository.fullName),
      path: first.path,
      branch: changeSet.branch,
      message,
      content,
      ...requestedIdentities(changeSet),
    },
    { signal, touchesWorkflows: isWorkflow(first.path) },
  );
  const { commit } = parseResponse(writtenSchema, response);
  if (commit.parents.length > 0) {
    throw new GitHubSdkError(
      "branch_moved",
      "The repository is no longer empty: another commit was pushed to it. Sync again.",
    );
  }
  return { commitId: commit.sha, tree: commit.tree.sha, url: commit.html_url, rest };
}

/** Returns the smallest file, plain files before executables and links, workflows last. */
function firstFile(writes: readonly FileWrite[]): FileWrite {
  const rank = ({ path, mode }: FileWrite): number => (isWorkflow(path) ? 2 : 0) + (mode === "100644" ? 0 : 1);
  const [first] = [...writes].sort((left, right) => rank(left) - rank(right) || left.size - right.size);
  if (first === undefined) {
    throw new GitHubSdkError(
      "project_empty",
      "The repository is empty, and the project has no file for its first commit. Add a file.",
    );
  }
  return first;
}
