import { GitHubSdkError } from "../errors.js";
import { errorResponse } from "./error-response.js";
import type { HttpRequest, HttpResponse } from "./http-message.js";

/** Endpoints below a path. */
interface Endpoints {
  readonly basePath: string;
  handle(request: HttpRequest): Promise<HttpResponse | null>;
}

/** Answers a request of the web's own kind by the endpoints. */
export async function answerFetch(http: Endpoints, request: Request): Promise<Response> {
  const answer = await http.handle(toHttpRequest(request, http.basePath));
  return toResponse(answer ?? errorResponse(endpointNotFound()), request.method);
}

function toHttpRequest(request: Request, basePath: string): HttpRequest {
  const { pathname, search, protocol } = new URL(request.url);
  return {
    method: request.method,
    target: `${pathname}${search}`,
    basePath,
    headers: Object.fromEntries(request.headers),
    // Whoever stops reading half-way still wants to answer: the connection must not end with it.
    body: { kind: "bytes", bytes: request.body?.values({ preventCancel: true }) ?? new Uint8Array(0) },
    isSecure: protocol === "https:",
    signal: request.signal,
    raw: request,
  };
}

function toResponse({ status, headers, body }: HttpResponse, method: string): Response {
  return new Response(method === "HEAD" || body === "" ? null : body, { status, headers });
}

/** What is answered where nobody else could know the address. */
export function endpointNotFound(): GitHubSdkError {
  return new GitHubSdkError("endpoint_not_found", "There is no such endpoint.");
}
