import { GitHubSdkError } from "../errors.js";
import type { AuthorizeOperator } from "./app-setup.js";
import { bearerToken } from "./calling-user.js";
import type { HttpRequest } from "./http-message.js";

/**
 * Resolves when a request is of an operator of the host.
 *
 * @param path the path of the endpoint, without the query
 * @param token a token from the query, where no header can be set
 * @throws GitHubSdkError `insufficient_permissions`
 */
export async function requireOperator(
  authorizeOperator: AuthorizeOperator,
  { method, headers, raw }: HttpRequest,
  path: string,
  token?: string,
): Promise<void> {
  const bearer = token ?? bearerToken(headers.authorization);
  if (await authorizeOperator({ method, path, headers, bearerToken: bearer, raw })) return;
  throw new GitHubSdkError("insufficient_permissions", "Only an operator of this host may use this endpoint.");
}
