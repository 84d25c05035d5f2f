import { isGitHubSdkError } from "../errors.js";
import { type ObjectFormat, objectFormatOf } from "../git/object-id.js";
import { advertisedFormat } from "../git/receive-pack.js";
import type { GitHubClient } from "../github/github-client.js";
import type { BranchView } from "./branch-view.js";

/**
 * The hash that a repository names its objects by: told by the ids that it has; an empty repository's git server is asked.
 * Where that does not answer it is taken for SHA-1, as nearly every repository is: a wrong guess is refused, and nothing written.
 */
export async function readObjectFormat(
  client: GitHubClient,
  { repository, start }: Pick<BranchView, "repository" | "start">,
  signal: AbortSignal,
): Promise<ObjectFormat> {
  if (start !== null) return objectFormatOf(start);
  try {
    const { data } = await client.git({ repository: repository.fullName, body: null }, signal);
    return advertisedFormat(data) ?? "sha1";
  } catch (error) {
    signal.throwIfAborted();
    if (!isGitHubSdkError(error)) throw error;
    return "sha1";
  }
}
