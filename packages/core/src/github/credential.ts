import { createHash } from "node:crypto";

/** The account or App installation that requests are made as. */
export interface Credential {
  /** The identity in queues and caches, such as `user:42` or `installation:7`. Not secret; stable over token renewals. */
  readonly key: string;
  /** The kind of token: a user's, or an App installation's. */
  readonly kind: "user" | "installation";
  /** Returns a token that is valid now. Called before every request. */
  token(signal?: AbortSignal): Promise<string>;
  /**
   * Handles a 401 response to a token that `token()` returned.
   *
   * @returns true if the request should be sent again: the token was renewed, or is so new that GitHub may not know it yet
   */
  rejected?(token: string, signal: AbortSignal): Promise<boolean>;
}

/** Returns a credential with one token that does not change, such as a personal access token. */
export function tokenCredential(token: string): Credential {
  const fingerprint = createHash("sha256").update(token).digest("hex").slice(0, 16);
  return {
    key: `token:${fingerprint}`,
    kind: token.startsWith("ghs_") ? "installation" : "user",
    token: async () => token,
  };
}
