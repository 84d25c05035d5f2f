import type { WebSocketClass } from "./realtime/web-socket-class.js";

/** Options of `createGitHubClient`. */
export interface GitHubClientOptions {
  /**
   * The URL of the endpoints with their base path, such as `https://host.example/api/v1/github`. Defaults to `/api/v1/github` of the
   * page's origin.
   */
  readonly baseUrl?: string;
  /**
   * The bearer token of the signed-in user, or a function that returns it. The function is called for each request, so that it can
   * renew the token. Without it, requests have no token: set `credentials` when the host uses cookies.
   */
  readonly token?: string | (() => string | Promise<string>);
  /** Sends the request. Defaults to the platform's `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /**
   * The class of WebSockets for `follow`, such as that of the package `ws` in Node 20. `null` for server-sent events only. Defaults to
   * the platform's, and to server-sent events where there is none.
   */
  readonly WebSocket?: WebSocketClass | null;
  /** `include` to send and store cookies of another origin, as `beginAuthorization` requires. Defaults to `same-origin`. */
  readonly credentials?: "omit" | "same-origin" | "include";
  /** Milliseconds until a call rejects with `timeout`. Defaults to 60_000. */
  readonly timeoutMs?: number;
}
