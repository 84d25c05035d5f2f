import type { OAuthState } from "../domain/oauth-state.js";

/**
 * A store of the states of started authorizations, by user and state. Both are compared exactly and case-sensitively.
 *
 * Atomicity: when several callers consume the same state, by either method, exactly one receives it. A state that has expired
 * by the store's clock is never returned.
 */
export interface StateStore {
  /** Stores a state and replaces one with the same user and text. */
  put(state: OAuthState): Promise<void>;
  /** Removes and returns a state; `null` when it does not exist, was consumed or has expired. */
  consume(userId: string, state: string): Promise<OAuthState | null>;
  /** Removes and returns the state that this browser started, for any user; otherwise like {@link consume}. */
  consumeByBrowser(state: string, browser: string): Promise<OAuthState | null>;
  /** Deletes all but the `limit` states of a user that expire last. Returns the number of deleted states. */
  keepNewest(userId: string, limit: number): Promise<number>;
  /** Deletes at most `limit` expired states. Returns their number. */
  removeExpired(limit: number): Promise<number>;
}
