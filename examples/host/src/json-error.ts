import type { HttpResponse } from "@infrajet/github/http";

/** Returns the response for an error of the host's server, in the shape of the endpoints' errors. */
export function jsonError(status: number, code: string, detail: string): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: JSON.stringify({ detail, code }),
  };
}

/** The response to paths that the host does not serve. */
export const NOT_FOUND = jsonError(404, "not_found", "Not found.");

/** Returns the response for an error that a framework reports, such as an unreadable content type. */
export function frameworkError(error: unknown): HttpResponse {
  const { status, statusCode = status, message } = Object(error);
  if (Number.isInteger(statusCode) && statusCode >= 400 && statusCode < 500) {
    return jsonError(statusCode, "malformed_request", String(message));
  }
  return jsonError(500, "internal_error", "Internal error. See the host's log for the cause.");
}
