import type { GitHubError } from "../generated/openapi.js";
import { GitHubClientError } from "./github-client-error.js";

/** Returns the error of an unsuccessful response. */
export function errorOfResponse(response: Response, body: unknown, now = Date.now()): GitHubClientError {
  const { status } = response;
  const retryAfterMs = retryAfter(response.headers.get("retry-after"), now);
  if (isGitHubError(body)) {
    const { code, detail, errors = [] } = body;
    return new GitHubClientError({ code, detail, errors, status, retryAfterMs, body });
  }
  const detail = `The server responded with status ${status}, but not in the form of an endpoint. Check \`baseUrl\`.`;
  return new GitHubClientError({ code: "invalid_response", detail, status, retryAfterMs, body });
}

function isGitHubError(body: unknown): body is GitHubError {
  if (typeof body !== "object" || body === null) return false;
  const { code, detail } = body as Readonly<Record<string, unknown>>;
  return typeof code === "string" && typeof detail === "string";
}

/** Returns the milliseconds of a `Retry-After` header, which has seconds or a date. */
function retryAfter(header: string | null, now: number): number | null {
  if (header === null || header === "") return null;
  const milliseconds = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(milliseconds) ? null : Math.max(0, milliseconds);
}
