import type { Connection, ConnectionDraft, ConnectionKey, GitHubAccountKey, TokenSet } from "../domain/connection.js";

/** What became of a connection that was to be saved. */
export type SaveConnectionResult =
  | {
      readonly outcome: "saved";
      readonly connection: Connection;
      /** The user's connection before it, whose tokens may have to be revoked; `null` when there was none. */
      readonly previous: Connection | null;
    }
  /** The GitHub account is connected to another user; nothing was changed. */
  | { readonly outcome: "account_taken" };

/** One page of all connections. */
export interface ConnectionPage {
  readonly connections: readonly Connection[];
  /** Opaque; the next page begins after it. `null` on the last page. */
  readonly nextCursor: string | null;
}

/** The same tokens of a set, encrypted anew. */
export type ReencryptedTokens = Pick<TokenSet, "accessToken" | "refreshToken">;

/**
 * Connections of host users with GitHub accounts. Keys are compared exactly, case included.
 *
 * Atomicity: a user has at most one connection on one GitHub, and an account belongs to at most one user: of several users
 * that save the same account at the same moment exactly one succeeds. The verbs that take an `expectedVersion` compare it
 * with the version of the client's token and write in one step, so a token that was replaced meanwhile is never touched.
 */
export interface ConnectionStore {
  /**
   * Connects the user, or adds the client's token to the user's connection with that account. A token of the same client is
   * replaced. When the user was connected to another account, that connection with all its tokens is replaced.
   */
  save(draft: ConnectionDraft): Promise<SaveConnectionResult>;
  /** The user's connection, or `null`. */
  find(key: ConnectionKey): Promise<Connection | null>;
  /** The connection that the account belongs to, or `null`. */
  findByGitHubAccount(account: GitHubAccountKey): Promise<Connection | null>;
  /** Puts a refreshed token in place under a new version, with `reauthRequired` taken back; `null` when the version is another. */
  replaceToken(key: ConnectionKey, expectedVersion: string, token: TokenSet): Promise<Connection | null>;
  /** Puts the same tokens in place, encrypted anew; nothing else changes, the version neither. `null` when the version is another. */
  reencryptToken(key: ConnectionKey, expectedVersion: string, tokens: ReencryptedTokens): Promise<Connection | null>;
  /**
   * Stores the scopes that a token has now; the version stays. Returns `null` when no token has the version or its scopes are
   * already the same, in the same order: of several concurrent callers exactly one makes the change.
   */
  updateScopes(key: ConnectionKey, expectedVersion: string, scopes: readonly string[]): Promise<Connection | null>;
  /** Marks a token that GitHub no longer takes; the version stays. `null` when the version is another: a newer token may be good. */
  markReauthRequired(key: ConnectionKey, expectedVersion: string): Promise<Connection | null>;
  /** Erases the connection with its tokens and frees the account for any user; gives what was removed, to exactly one caller. */
  remove(key: ConnectionKey): Promise<Connection | null>;
  /**
   * All connections in an order that stays, `limit` after the cursor: none that is there all the while is missed or repeated.
   *
   * @throws GitHubSdkError `validation_failed` for a cursor that is none.
   */
  page(limit: number, cursor: string | null): Promise<ConnectionPage>;
}
