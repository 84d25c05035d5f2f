import type { ClientName } from "./connection.js";

/** An authorization that was begun: what its callback has to come with, and what it then needs. */
export interface OAuthState {
  readonly userId: string;
  /** The state parameter as GitHub gives it back; a client may have chosen it, so only user and state together are unique. */
  readonly state: string;
  readonly client: ClientName;
  /** The PKCE verifier; `null` when it began at an App's install page, where no challenge can be sent. */
  readonly codeVerifier: string | null;
  /** The redirect URI that was sent, which the exchange has to repeat; `null` when none was. */
  readonly redirectUri: string | null;
  /** Told by the browser that began (a hash of its cookie); `null` when the authorization did not begin in a browser. */
  readonly browser: string | null;
  readonly expiresAt: Date;
}
