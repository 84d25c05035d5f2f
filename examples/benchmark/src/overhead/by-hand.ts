import type { ConnectionStatus } from "@infrajet/github";

/** Headers of an answer that is one user's own. */
export const OWN = { "cache-control": "no-store" };

/** What a request without a good token is told. */
export const LOG_IN = {
  detail: "Missing or invalid token. Log in and send a valid token.",
  code: "unauthenticated",
};

/** What somebody who mounts nothing writes for `GET /connection/status`. Dates become ISO 8601 when they are written as JSON. */
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

/** The token of a request; `null` when there is none. */
export function tokenOf(authorization: string | undefined): string | null {
  return authorization?.startsWith("Bearer ") ? authorization.slice("Bearer ".length) : null;
}
