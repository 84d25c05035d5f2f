/** The app that a user's token was issued to: the OAuth App, or the GitHub App (user authorization). */
export type ClientName = "oauth" | "app";

/** An encrypted text, safe to store. */
export interface EncryptedText {
  /** The key of the keyring that encrypted it. */
  readonly keyId: string;
  readonly text: string;
}

/** The encrypted tokens of one authorization. Their lengths are not limited: GitHub's tokens grow. */
export interface TokenSet {
  readonly accessToken: EncryptedText;
  /** `null` for tokens that do not expire. */
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshToken: EncryptedText | null;
  readonly refreshTokenExpiresAt: Date | null;
  /** The scopes that GitHub granted. They may differ from the requested ones. Tokens of a GitHub App have none. */
  readonly scopes: readonly string[];
}

/** The token set of a connection. */
export interface ConnectionToken extends TokenSet {
  readonly client: ClientName;
  /** The ID of the client that the tokens were issued to. Several apps of one kind may use one store. */
  readonly clientId: string;
  /**
   * Identifies this token set: an opaque value of the store, never used twice, not even after the connection was removed and
   * created again. Re-encrypting the same tokens keeps it.
   */
  readonly version: string;
  /** True when GitHub no longer accepts the token and it cannot be refreshed. The user must authorize again. */
  readonly reauthRequired: boolean;
}

/** A user of the host on one GitHub, identified by the API's base URL (github.com or an Enterprise Server). */
export interface ConnectionKey {
  readonly apiUrl: string;
  readonly userId: string;
}

/** A GitHub account by its numeric ID, because a login can be taken over by another account. */
export interface GitHubAccountKey {
  readonly apiUrl: string;
  readonly githubUserId: number;
}

/** A host user's GitHub account, with one token for each app that the user authorized. */
export interface Connection extends ConnectionKey, GitHubAccountKey {
  /** As GitHub spelled it when the account was last connected. */
  readonly login: string;
  /** The time at which the user first connected this account. */
  readonly connectedAt: Date;
  /** At most one token for each client ID, in any order. */
  readonly tokens: readonly ConnectionToken[];
}

/** The result of an authorization. */
export interface ConnectionDraft extends ConnectionKey, GitHubAccountKey {
  readonly login: string;
  readonly connectedAt: Date;
  readonly client: ClientName;
  readonly clientId: string;
  readonly token: TokenSet;
}
