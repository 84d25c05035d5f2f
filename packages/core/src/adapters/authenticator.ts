import type { HostUser } from "../domain/host-user.js";

/** A request as far as it tells who sent it. */
export interface AuthenticationRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case; of repeated headers the values joined by `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The token of `Authorization: Bearer`, or the one that a WebSocket brought in its own ways; `null` when there is none. */
  readonly bearerToken: string | null;
  /** The framework's own request, for hosts that keep the session there. */
  readonly raw: unknown;
}

/**
 * Tells the host user behind a request; called for every request that is not public.
 *
 * `null` means that the request proves nobody, and is answered with 401. It rejects only when it cannot tell (its key server
 * is out of reach): that is answered with 500 and never lets anybody in. A token is never repeated in what it throws.
 */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<HostUser | null>;
}
