/** Whose client a user's token was issued to: the OAuth App's, or the GitHub App's (user authorization). */
export type ClientName = "oauth" | "app";

/** A text that only the holder of a key can read, as it may be stored. */
export interface EncryptedText {
  /** Which key of the keyring it was encrypted with. */
  readonly keyId: string;
  readonly text: string;
}

/** What GitHub issued for one authorization, encrypted. Its lengths are GitHub's affair and grow. */
export interface TokenSet {
  readonly accessToken: EncryptedText;
  /** `null` for tokens that do not expire. */
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshToken: EncryptedText | null;
  readonly refreshTokenExpiresAt: Date | null;
  /** The scopes that GitHub granted, which need not be those that were asked for; GitHub App tokens have none. */
  readonly scopes: readonly string[];
}

/** A token set as a connection holds it. */
export interface ConnectionToken extends TokenSet {
  readonly client: ClientName;
  /** The ID of the client that the tokens were issued to. Several apps of one kind may use one store. */
  readonly clientId: string;
  /**
   * Names this token set and no other: opaque, made by the store, never given twice, not even after the connection was
   * removed and made again. Encrypting the same tokens anew keeps it.
   */
  readonly version: string;
  /** GitHub no longer takes the token, and it cannot be refreshed: the user has to authorize again. */
  readonly reauthRequired: boolean;
}

/** A user of the host on one GitHub, which is told from others (an Enterprise Server) by the API's base URL. */
export interface ConnectionKey {
  readonly apiUrl: string;
  readonly userId: string;
}

/** A GitHub account by its numeric id; logins change hands. */
export interface GitHubAccountKey {
  readonly apiUrl: string;
  readonly githubUserId: number;
}

/** A host user's GitHub account, with one token for each app that the user authorized. */
export interface Connection extends ConnectionKey, GitHubAccountKey {
  /** As GitHub spelled it when the account was last connected. */
  readonly login: string;
  /** When the user first connected this account. */
  readonly connectedAt: Date;
  /** At most one token for each client ID, in any order. */
  readonly tokens: readonly ConnectionToken[];
}

/** What an authorization that has just succeeded tells. */
export interface ConnectionDraft extends ConnectionKey, GitHubAccountKey {
  readonly login: string;
  readonly connectedAt: Date;
  readonly client: ClientName;
  readonly clientId: string;
  readonly token: TokenSet;
}
