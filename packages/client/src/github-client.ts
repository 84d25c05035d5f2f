import { CALL_ROUTES, type GitHubCalls } from "../generated/calls.js";
import { absoluteUrl } from "./absolute-url.js";
import type { CallOptions } from "./call.js";
import type { CallFields } from "./call-request.js";
import type { GitHubClientOptions } from "./client-options.js";
import { callSender } from "./send-call.js";

/** A client of the endpoints. */
export interface GitHubClient extends GitHubCalls {}

/**
 * Creates a client of the endpoints.
 *
 * @throws TypeError when `baseUrl` is not a URL.
 */
export function createGitHubClient(options: GitHubClientOptions = {}): GitHubClient {
  const send = callSender(absoluteUrl(options.baseUrl), options);
  const calls = Object.entries(CALL_ROUTES).map(([name, route]) => [
    name,
    (fields?: CallFields, callOptions?: CallOptions) => send(route, fields, callOptions),
  ]);
  // The routes and the types of their methods are generated from the same document.
  return Object.fromEntries(calls) as GitHubClient;
}
