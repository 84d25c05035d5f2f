import type { Connection, ConnectionDraft, ConnectionKey, GitHubAccountKey, TokenSet } from "../domain/connection.js";

/** The result of saving a connection. */
export type SaveConnectionResult =
  | {
      readonly outcome: "saved";
      readonly connection: Connection;
      /** The user's previous connection, whose tokens may have to be revoked; `null` when there was none. */
      readonly previous: Connection | null;
    }
  /** The GitHub account is connected to another user. Nothing was changed. */
  | { readonly outcome: "account_taken" };

/** One page of all connections. */
export interface ConnectionPage {
  readonly connections: readonly Connection[];
  /** An opaque position for the next page; `null` on the last page. */
  readonly nextCursor: string | null;
}

/** The same tokens, encrypted with another key. */
export type ReencryptedTokens = Pick<TokenSet, "accessToken" | "refreshToken">;

/**
 * A store of connections of host users to GitHub accounts. Keys are compared exactly and case-sensitively.
 *
 * Atomicity: a user has at most one connection on one GitHub, and an account belongs to at most one user. When several users
 * save the same account concurrently, exactly one succeeds. Methods with an `expectedVersion` compare it with the version of
 * the client's token and write in one step, so that a token that was replaced in the meantime is not changed.
 */
export interface ConnectionStore {
  /**
   * Connects the user, or adds the client's token to the user's connection to that account. A token of the same client is
   * replaced. A connection to another account is replaced with all its tokens.
   */
  save(draft: ConnectionDraft): Promise<SaveConnectionResult>;
  /** Returns the user's connection, or `null`. */
  find(key: ConnectionKey): Promise<Connection | null>;
  /** Returns the connection of the account, or `null`. */
  findByGitHubAccount(account: GitHubAccountKey): Promise<Connection | null>;
  /** Replaces a token with a refreshed one under a new version and resets `reauthRequired`. Returns null when the version differs. */
  replaceToken(key: ConnectionKey, expectedVersion: string, token: TokenSet): Promise<Connection | null>;
  /** Replaces the encrypted form of a token and keeps its version. Returns null when the version differs. */
  reencryptToken(key: ConnectionKey, expectedVersion: string, tokens: ReencryptedTokens): Promise<Connection | null>;
  /**
   * Stores the scopes that a token has now and keeps its version. Returns null when the version differs, or when the scopes are
   * already the same in the same order: exactly one of several concurrent callers makes the change.
   */
  updateScopes(key: ConnectionKey, expectedVersion: string, scopes: readonly string[]): Promise<Connection | null>;
  /** Sets `reauthRequired` and keeps the version. Returns null when the version differs, because a newer token may be valid. */
  markReauthRequired(key: ConnectionKey, expectedVersion: string): Promise<Connection | null>;
  /** Deletes the connection with its tokens. Exactly one concurrent caller receives the deleted connection; others receive null. */
  remove(key: ConnectionKey): Promise<Connection | null>;
  /**
   * Returns at most `limit` connections after the cursor, in a stable order: a connection that exists throughout the iteration
   * is returned exactly once.
   *
   * @throws GitHubSdkError `validation_failed` for an invalid cursor
   */
  page(limit: number, cursor: string | null): Promise<ConnectionPage>;
}
