import { type Clock, systemClock } from "../adapters/clock.js";
import type { StateStore } from "../adapters/state-store.js";
import { MAX_STATES_PER_USER, type OAuthState } from "../domain/oauth-state.js";

/** A store of authorization states in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryStateStore implements StateStore {
  readonly #clock: Clock;
  readonly #states = new Map<string, OAuthState>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async put(state: OAuthState): Promise<void> {
    const key = keyText(state.userId, state.state);
    this.#states.delete(key);
    const others = [...this.#states.entries()]
      .filter(([, { userId }]) => userId === state.userId)
      .sort(([, a], [, b]) => b.expiresAt.getTime() - a.expiresAt.getTime());
    for (const [old] of others.slice(MAX_STATES_PER_USER - 1)) this.#states.delete(old);
    this.#states.set(key, structuredClone(state));
  }

  async consume(userId: string, state: string): Promise<OAuthState | null> {
    return this.#take(this.#states.get(keyText(userId, state)));
  }

  async consumeByBrowser(state: string, browser: string): Promise<OAuthState | null> {
    return this.#take([...this.#states.values()].find((held) => held.state === state && held.browser === browser));
  }

  async removeExpired(limit: number): Promise<number> {
    const expired = [...this.#states.values()].filter((state) => this.#isExpired(state)).slice(0, limit);
    for (const { userId, state } of expired) this.#states.delete(keyText(userId, state));
    return expired.length;
  }

  #take(held: OAuthState | undefined): OAuthState | null {
    if (held === undefined) return null;
    this.#states.delete(keyText(held.userId, held.state));
    return this.#isExpired(held) ? null : held;
  }

  #isExpired({ expiresAt }: OAuthState): boolean {
    return expiresAt.getTime() <= this.#clock.now();
  }
}

function keyText(userId: string, state: string): string {
  return JSON.stringify([userId, state]);
}
