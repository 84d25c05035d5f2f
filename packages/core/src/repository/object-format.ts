import type { ObjectFormat } from "../domain/repository.js";
import { isGitHubSdkError } from "../errors.js";
import { objectFormatOf } from "../git/object-id.js";
import { advertisedFormat } from "../git/receive-pack.js";
import type { GitHubClient } from "../github/github-client.js";
import type { BranchView } from "./branch-view.js";

/**
 * Returns the hash algorithm of a repository: from an id in it, or, if it is empty, from its git server.
 *
 * Falls back to SHA-1, which nearly all repositories use, when the git server is unreachable. GitHub rejects a commit with the
 * wrong algorithm.
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
