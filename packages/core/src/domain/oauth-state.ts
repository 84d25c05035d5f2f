import type { ClientName } from "./connection.js";

/** A started authorization: the values that its callback must match, and those that completing it requires. */
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
  readonly expiresAt: Date;
}
