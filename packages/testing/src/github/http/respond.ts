import { createHash, randomBytes } from "node:crypto";
import type { Credential } from "../accounts/credential.js";
import type { Budget } from "../control/rate-limits.js";
import type { ApiError } from "./api-error.js";
import type { RestResponse } from "./route.js";

/** The values of the headers that all responses share. */
export interface ResponseContext {
  credential: Credential | undefined;
  /** Absent for responses without rate limit headers. */
  budget?: Budget;
  /** Milliseconds since the epoch. */
  now: number;
  apiVersion: string;
  acceptedScopes?: readonly string[];
  acceptedPermission?: string;
  request: { method: string; headers: Headers };
}

/** Creates the HTTP response of a handler, with entity tag, conditional 304 and the headers that all responses share. */
export function respond(result: RestResponse, context: ResponseContext): Response {
  const bytes = result.raw?.bytes ?? (result.body === undefined ? undefined : Buffer.from(JSON.stringify(result.body)));
  const headers = commonHeaders(context);
  if (bytes !== undefined) {
    headers.set("Content-Type", result.raw?.contentType ?? "application/json; charset=utf-8");
  }
  if (result.lastModified !== undefined) headers.set("Last-Modified", httpDate(result.lastModified * 1000));
  for (const [name, value] of Object.entries(result.headers ?? {})) headers.set(name, value);
  if (bytes !== undefined && (result.status === 200 || result.status === 201)) {
    const tag = result.etag ?? createHash("sha256").update(bytes).digest("hex");
    headers.set("ETag", result.status === 200 ? `W/"${tag}"` : `"${tag}"`);
    headers.set("Cache-Control", "private, max-age=60, s-maxage=60");
    headers.set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, X-Requested-With");
    if (result.status === 200 && isUnchanged(context.request, tag, result.lastModified)) {
      headers.delete("Content-Type");
      return new Response(null, { status: 304, headers });
    }
  }
  const hasBody = bytes !== undefined && context.request.method !== "HEAD" && result.status !== 204;
  if (hasBody) headers.set("Content-Length", String(bytes.length));
  return new Response(hasBody ? new Uint8Array(bytes) : null, { status: result.status, headers });
}

/** Returns the response of an error. `documentation` is the page of the operation. */
export function errorResponse(error: ApiError, documentation: string): RestResponse {
  const { errors, headers, documentationUrl, body } = error.details;
  return {
    status: error.status,
    body: {
      message: error.message,
      ...(errors === undefined ? {} : { errors }),
      ...body,
      documentation_url: documentationUrl ?? documentation,
      status: String(error.status),
    },
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  };
}

/** Formats milliseconds since the epoch as an HTTP date (RFC 9110). */
export function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

const EXPOSED =
  "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Used, X-RateLimit-Resource, X-RateLimit-Reset, X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, X-GitHub-Media-Type, X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset";

function commonHeaders(context: ResponseContext): Headers {
  const { budget, credential } = context;
  const headers = new Headers({
    Date: httpDate(context.now),
    Server: "github.com",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED,
    "X-Content-Type-Options": "nosniff",
    "X-GitHub-Media-Type": mediaType(context.request.headers.get("accept")),
    "X-GitHub-Api-Version-Selected": context.apiVersion,
    "X-GitHub-Request-Id": requestId(),
  });
  if (budget !== undefined) {
    headers.set("X-RateLimit-Limit", String(budget.limit));
    headers.set("X-RateLimit-Remaining", String(budget.remaining));
    headers.set("X-RateLimit-Used", String(budget.used));
    headers.set("X-RateLimit-Reset", String(budget.reset));
    headers.set("X-RateLimit-Resource", budget.resource);
  }
  if (credential?.kind === "oauth" || credential?.kind === "app-user") {
    headers.set("X-OAuth-Scopes", [...credential.scopes].sort().join(", "));
    headers.set("X-Accepted-OAuth-Scopes", (context.acceptedScopes ?? []).join(", "));
  }
  if (credential?.clientId !== undefined) headers.set("X-OAuth-Client-Id", credential.clientId);
  if (credential !== undefined && credential.kind !== "oauth" && context.acceptedPermission !== undefined) {
    headers.set("X-Accepted-GitHub-Permissions", context.acceptedPermission);
  }
  return headers;
}

function mediaType(accept: string | null): string {
  const match = /application\/vnd\.github(?:\.v3)?(?:\.(\w[\w-]*))?(\+json)?/.exec(accept ?? "");
  const name = match?.[1];
  return `github.v3${name === undefined || name === "v3" ? "" : `; param=${name}`}; format=json`;
}

function isUnchanged(
  { method, headers }: ResponseContext["request"],
  tag: string,
  lastModified: number | undefined,
): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null) {
    return ifNoneMatch.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === `"${tag}"`);
  }
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return lastModified !== undefined && since >= lastModified * 1000;
}

/** Returns a request ID in GitHub's format, such as `A1B2:3C4D5E:6F7A8B9:C0D1E2F:65000000`. */
function requestId(): string {
  const hex = randomBytes(14).toString("hex").toUpperCase();
  const time = Math.floor(Date.now() / 1000)
    .toString(16)
    .toUpperCase();
  return [hex.slice(0, 4), hex.slice(4, 10), hex.slice(10, 17), hex.slice(17, 24), time].join(":");
}
