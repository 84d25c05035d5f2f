import type { ClientName } from "./connection.js";

/**
 * A started authorization: the values that its callback must match, and those that completing it requires. Other short-lived
 * secrets that work once are stored the same way, under user IDs that no host user has, with a `payload`.
 */
export interface OAuthState {
  readonly userId: string;
  /** The `state` parameter of the callback. A client may have chosen it, so only user and state together are unique. */
  readonly state: string;
  readonly client: ClientName;
  /** The PKCE verifier; `null` when the authorization started at an App's install page, which accepts no challenge. */
  readonly codeVerifier: string | null;
  /** The redirect URI that was sent, which the token exchange must repeat; `null` when none was sent. */
  readonly redirectUri: string | null;
  /** The hash of the cookie of the browser that started it; `null` when it did not start in a browser. */
  readonly browser: string | null;
  /** The content of a secret of another purpose, at most 64 KiB; `null` for an authorization. */
  readonly payload: string | null;
  readonly expiresAt: Date;
}
