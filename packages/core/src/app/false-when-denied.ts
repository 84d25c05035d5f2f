import { isGitHubSdkError } from "../errors.js";

/** The codes of errors that mean that GitHub denies the user access. */
const DENIED: ReadonlySet<string> = new Set([
  "reauth_required",
  "insufficient_permissions",
  "repository_not_found",
  "github_rejected",
]);

/** Returns the result of a check, or `false` when GitHub denies the user access to it. */
export async function falseWhenDenied(check: () => Promise<boolean>): Promise<boolean> {
  try {
    return await check();
  } catch (error) {
    if (isGitHubSdkError(error) && DENIED.has(error.code)) return false;
    throw error;
  }
}
