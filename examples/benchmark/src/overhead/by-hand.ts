import type { ConnectionStatus } from "@infrajet/github";

/** What somebody who mounts nothing writes for `GET /connection/status`. */
export function statusBody(status: ConnectionStatus): object {
  return {
    connected: status.connected,
    username: status.login,
    connected_at: status.connectedAt,
    repositories_count: status.repositoriesCount,
    permissions: status.permissions,
  };
}
