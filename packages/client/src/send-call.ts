import type { CallOptions } from "./call.js";
import { type CallFields, callRequest } from "./call-request.js";
import type { CallRoute } from "./call-route.js";
import type { GitHubClientOptions } from "./client-options.js";
import { withDeadline } from "./deadline.js";
import { errorOfResponse } from "./error-response.js";
import { GitHubClientError } from "./github-client-error.js";

/** Sends a call and returns the JSON of its response. */
export type SendCall = (route: CallRoute, fields?: CallFields, options?: CallOptions) => Promise<unknown>;

const TIMEOUT_MS = 60_000;

/**
 * Returns the function that sends the calls of a client.
 *
 * @param baseUrl Absolute URL of the endpoints.
 */
export function callSender(baseUrl: string, options: GitHubClientOptions): SendCall {
  const { token, credentials, timeoutMs: defaultTimeoutMs = TIMEOUT_MS } = options;
  const init = credentials === undefined ? { baseUrl } : { baseUrl, credentials };

  return (route, fields = {}, { signal: abort, timeoutMs = defaultTimeoutMs } = {}) =>
    withDeadline(
      async (signal) => {
        const request = callRequest(route, fields, { ...init, signal });
        const bearer = typeof token === "function" ? await token() : token;
        if (bearer !== undefined) request.headers.set("authorization", `Bearer ${bearer}`);
        signal.throwIfAborted();
        // The platform's fetch is read for each request, because pages and tests replace it.
        const response = await (options.fetch ?? globalThis.fetch)(request).catch(throwNetworkError);
        const text = await response.text().catch(throwNetworkError);
        const body = parsedJson(text);
        if (!response.ok || body === undefined) throw errorOfResponse(response, body ?? text);
        return body;
      },
      { signal: abort, timeoutMs },
    );
}

function throwNetworkError(cause: unknown): never {
  const detail = "The server is unreachable. Check the connection, `baseUrl` and, on another origin, CORS.";
  throw new GitHubClientError({ code: "network_error", detail, cause });
}

/** Returns the value of a JSON text; `undefined` when it is not JSON. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
