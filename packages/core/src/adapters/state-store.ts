import type { OAuthState } from "../domain/oauth-state.js";

/**
 * States of authorizations that were begun, by user and state (compared exactly, case included).
 *
 * Atomicity: of any number of callers that consume the same state, by either verb, exactly one gets it. One that has expired
 * by the store's clock is given to nobody.
 */
export interface StateStore {
  /** Keeps a state, in place of one of the same user and text. */
  put(state: OAuthState): Promise<void>;
  /** Takes the state out; `null` when there is none, it was consumed before or it has expired. */
  consume(userId: string, state: string): Promise<OAuthState | null>;
  /** Takes out the state that this browser began, whoever its user is; otherwise as `consume`. */
  consumeByBrowser(state: string, browser: string): Promise<OAuthState | null>;
  /** Deletes expired states, at most `limit` of them; gives back how many. */
  removeExpired(limit: number): Promise<number>;
}
