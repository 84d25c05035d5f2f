import type { ConnectionStatus } from "@infrajet/github";

/** Headers of a response with user data. */
export const OWN = { "cache-control": "no-store" };

/** The body of a response to a request without a valid token. */
export const LOG_IN = {
  detail: "Missing or invalid token. Log in and send a valid token.",
  code: "unauthenticated",
};

/** Returns the body of `GET /connection/status` in a handwritten handler. JSON serializes dates as ISO 8601. */
export function statusBody(status: ConnectionStatus): object {
  return {
    connected: status.connected,
    username: status.login,
    connected_at: status.connectedAt,
    repositories_count: status.repositoriesCount,
    permissions: status.permissions,
    reauth_required: status.reauthRequired,
  };
}

/** Returns the bearer token of a request, or `null`. */
export function tokenOf(authorization: string | undefined): string | null {
  return authorization?.startsWith("Bearer ") ? authorization.slice("Bearer ".length) : null;
}
