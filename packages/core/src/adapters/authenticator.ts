import type { HostUser } from "../domain/host-user.js";

/** The parts of a request that identify its sender. */
export interface AuthenticationRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case. The values of repeated headers are joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The token of `Authorization: Bearer`, or of a WebSocket request; `null` when there is none. */
  readonly bearerToken: string | null;
  /** The framework's request object, for hosts that keep the session there. */
  readonly raw: unknown;
}

/**
 * Identifies the host user who sent a request. Called for every request to an endpoint that requires a user.
 *
 * `null` means that the request is not authenticated; the response is 401. It rejects only when it cannot decide, for example
 * when its key server is unreachable; the response is 500. Its errors must not contain the token.
 */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<HostUser | null>;
}
