import type { CommitAuthor } from "../domain/commit-author.js";
import type { ChangeSet } from "./commit-writer.js";

/** The author and the committer of a commit, as fields of GitHub's REST API. */
export interface RequestedIdentities {
  readonly author?: CommitAuthor;
  readonly committer?: CommitAuthor;
}

/**
 * Returns the fields for a requested author; none without one. The committer is given as well, since it defaults to the author.
 *
 * @see https://docs.github.com/en/rest/git/commits#create-a-commit
 */
export function requestedIdentities({
  author,
  requestedAuthor,
}: Pick<ChangeSet, "author" | "requestedAuthor">): RequestedIdentities {
  return requestedAuthor === null ? {} : { author: requestedAuthor, committer: author };
}
