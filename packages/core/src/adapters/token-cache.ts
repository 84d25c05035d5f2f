import type { InstallationToken } from "../domain/installation-token.js";

/** An installation whose tokens are cached. */
export interface TokenCacheInstallation {
  readonly apiUrl: string;
  readonly appId: number;
  readonly installationId: number;
}

/** The identity of a cached token: tokens with other repositories or permissions are other tokens. */
export interface TokenCacheKey extends TokenCacheInstallation {
  /** Repository names in lower case, sorted; `null` for all repositories of the installation. */
  readonly repositories: readonly string[] | null;
  /** Permissions by name; `null` for all permissions of the installation. */
  readonly permissions: Readonly<Record<string, string>> | null;
}

/**
 * Keeps installation tokens for at most an hour, after which they have expired. A cache outside of this process stores them
 * encrypted.
 *
 * A method may reject when the cache is unreachable, within two seconds; the SDK then requests a token from GitHub.
 */
export interface TokenCache {
  /** Returns the token of a key, or `null`. The caller checks when it expires. */
  get(key: TokenCacheKey): Promise<InstallationToken | null>;
  /** Stores a token in place of the key's previous one. */
  put(key: TokenCacheKey, token: InstallationToken): Promise<void>;
  /** Removes the token of a key, unless another token has replaced `token`. */
  remove(key: TokenCacheKey, token: string): Promise<void>;
  /** Removes all tokens of an installation. */
  forget(installation: TokenCacheInstallation): Promise<void>;
}
