import { type Clock, systemClock } from "../adapters/clock.js";
import type { StateStore } from "../adapters/state-store.js";
import type { OAuthState } from "../domain/oauth-state.js";

/** A store of authorization states in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryStateStore implements StateStore {
  readonly #clock: Clock;
  readonly #states = new Map<string, OAuthState>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async put(state: OAuthState): Promise<void> {
    this.#states.set(keyText(state.userId, state.state), structuredClone(state));
  }

  async consume(userId: string, state: string): Promise<OAuthState | null> {
    return this.#take(this.#states.get(keyText(userId, state)));
  }

  async consumeByBrowser(state: string, browser: string): Promise<OAuthState | null> {
    return this.#take([...this.#states.values()].find((held) => held.state === state && held.browser === browser));
  }

  async keepNewest(userId: string, limit: number): Promise<number> {
    const old = [...this.#states.values()]
      .filter((state) => state.userId === userId)
      .sort((a, b) => b.expiresAt.getTime() - a.expiresAt.getTime())
      .slice(limit);
    for (const { state } of old) this.#states.delete(keyText(userId, state));
    return old.length;
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
