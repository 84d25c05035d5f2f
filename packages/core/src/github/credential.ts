import { createHash } from "node:crypto";

/** In whose name requests are made. */
export interface Credential {
  /** Tells credentials apart in queues and caches, such as `user:42` or `installation:7`. Not secret, stable over token renewals. */
  readonly key: string;
  /** What GitHub takes it for: a user's token, or an App installation's. */
  readonly kind: "user" | "installation";
  /** A token that is valid now; asked for before every request. */
  token(signal?: AbortSignal): Promise<string>;
  /**
   * Told that GitHub answered 401 to a token of `token()`.
   *
   * @returns whether the request is worth another try: the token was renewed, or is so fresh that GitHub may not know it yet
   */
  rejected?(token: string, signal: AbortSignal): Promise<boolean>;
}

/** A credential from one token that does not change, such as a personal access token. */
export function tokenCredential(token: string): Credential {
  const fingerprint = createHash("sha256").update(token).digest("hex").slice(0, 16);
  return {
    key: `token:${fingerprint}`,
    kind: token.startsWith("ghs_") ? "installation" : "user",
    token: async () => token,
  };
}
