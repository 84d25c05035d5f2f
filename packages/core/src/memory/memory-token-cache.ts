import { type Clock, systemClock } from "../adapters/clock.js";
import type { TokenCache, TokenCacheInstallation, TokenCacheKey } from "../adapters/token-cache.js";
import type { InstallationToken } from "../domain/installation-token.js";
import { RecentValues } from "../timing/recent-values.js";

// GitHub issues installation tokens for one hour.
const MAX_LIFETIME_MS = 60 * 60_000;

/** Keeps the last 1,000 installation tokens in this process. */
export class MemoryTokenCache implements TokenCache {
  readonly #tokens: RecentValues<InstallationToken>;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#tokens = new RecentValues(options.clock ?? systemClock, { maxAgeMs: MAX_LIFETIME_MS });
  }

  async get(key: TokenCacheKey): Promise<InstallationToken | null> {
    return this.#tokens.get(textOf(key));
  }

  async put(key: TokenCacheKey, token: InstallationToken): Promise<void> {
    this.#tokens.put(textOf(key), token);
  }

  async remove(key: TokenCacheKey, token: string): Promise<void> {
    const text = textOf(key);
    if (this.#tokens.get(text)?.token === token) this.#tokens.delete(text);
  }

  async forget(installation: TokenCacheInstallation): Promise<void> {
    this.#tokens.deletePrefix(prefixOf(installation));
  }
}

function textOf(key: TokenCacheKey): string {
  const permissions = key.permissions === null ? null : Object.entries(key.permissions).sort(byName);
  return `${prefixOf(key)}${JSON.stringify([key.repositories, permissions])}`;
}

function prefixOf({ apiUrl, appId, installationId }: TokenCacheInstallation): string {
  return JSON.stringify([apiUrl, appId, installationId]);
}

function byName([one]: readonly [string, string], [other]: readonly [string, string]): number {
  return one < other ? -1 : 1;
}
