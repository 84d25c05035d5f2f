import type { Target } from "./target.js";

/**
 * Deletes the repositories of a check and verifies that they are gone.
 *
 * @param target sends the requests; the one of the check may have been interrupted
 * @param repositories their names as `owner/name`
 * @returns the commands that delete what is left
 */
export async function cleanUp(target: Target, repositories: Iterable<string>): Promise<string[]> {
  const left: string[] = [];
  for (const repository of repositories) {
    const path = `/repos/${repository}`;
    const isGone = await target
      .withoutRecord("DELETE", path)
      .then(() => target.withoutRecord("GET", path))
      .then((body) => body === null)
      .catch(() => false);
    if (!isGone) left.push(`gh repo delete ${repository} --yes`);
  }
  return left;
}
