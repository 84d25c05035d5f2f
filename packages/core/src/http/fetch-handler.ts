import { GitHubSdkError } from "../errors.js";
import { errorResponse } from "./error-response.js";
import type { HttpRequest, HttpResponse } from "./http-message.js";

/** The endpoints below a base path. */
interface Endpoints {
  readonly basePath: string;
  handle(request: HttpRequest): Promise<HttpResponse | null>;
}

/** Responds to a Fetch API request. Responds with 404 when it is for none of the endpoints. */
export async function respondToFetch(http: Endpoints, request: Request): Promise<Response> {
  const response = await http.handle(toHttpRequest(request, http.basePath));
  return toResponse(response ?? errorResponse(endpointNotFound()), request.method);
}

function toHttpRequest(request: Request, basePath: string): HttpRequest {
  const { pathname, search, protocol, host } = new URL(request.url);
  return {
    method: request.method,
    target: `${pathname}${search}`,
    basePath,
    // Some runtimes leave the header `Host` out.
    headers: { host, ...Object.fromEntries(request.headers) },
    // A reader that stops early still has to respond, so that the stream must not be cancelled.
    body: { kind: "bytes", bytes: request.body?.values({ preventCancel: true }) ?? new Uint8Array(0) },
    isSecure: protocol === "https:",
    signal: request.signal,
    raw: request,
  };
}

function toResponse({ status, headers, body, stream }: HttpResponse, method: string): Response {
  if (stream !== undefined) return new Response(stream.body, { status, headers });
  return new Response(method === "HEAD" || body === "" ? null : body, { status, headers });
}

/** Returns the error for a path that is none of the endpoints. */
export function endpointNotFound(): GitHubSdkError {
  return new GitHubSdkError("endpoint_not_found", "Endpoint not found.");
}
