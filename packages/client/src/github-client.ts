import { CALL_ROUTES, type GitHubCalls } from "../generated/calls.js";
import { absoluteUrl } from "./absolute-url.js";
import type { CallOptions } from "./call.js";
import type { CallFields } from "./call-request.js";
import type { GitHubClientOptions } from "./client-options.js";
import { type Follow, type FollowOptions, openFollow } from "./realtime/follow.js";
import { platformWebSocket } from "./realtime/web-socket-class.js";
import { callSender } from "./send-call.js";

/** A client of the endpoints. */
export interface GitHubClient extends GitHubCalls {
  /**
   * Follows the syncs of projects live, over a WebSocket or server-sent events. Reconnects by itself, and delivers each end of a sync
   * once.
   *
   * @param projectIds one project, or up to 100
   */
  follow(projectIds: string | readonly string[], options?: FollowOptions): Follow;
}

/**
 * Creates a client of the endpoints.
 *
 * @throws TypeError when `baseUrl` is not a URL.
 */
export function createGitHubClient(options: GitHubClientOptions = {}): GitHubClient {
  const baseUrl = absoluteUrl(options.baseUrl);
  const calls = generatedCalls(baseUrl, options);
  return {
    ...calls,
    follow(projectIds, followOptions = {}) {
      const { credentials = "same-origin", WebSocket = platformWebSocket() } = options;
      const server = {
        baseUrl,
        WebSocket,
        createRealtimeTicket: calls.createRealtimeTicket,
        openStream: (url: string, signal: AbortSignal) =>
          (options.fetch ?? globalThis.fetch)(new Request(url, { signal, credentials })),
      };
      return openFollow(server, typeof projectIds === "string" ? [projectIds] : [...projectIds], followOptions);
    },
  };
}

function generatedCalls(baseUrl: string, options: GitHubClientOptions): GitHubCalls {
  const send = callSender(baseUrl, options);
  const calls = Object.entries(CALL_ROUTES).map(([name, route]) => [
    name,
    (fields?: CallFields, callOptions?: CallOptions) => send(route, fields, callOptions),
  ]);
  // The routes and the types of their methods are generated from the same document.
  return Object.fromEntries(calls) as GitHubCalls;
}
