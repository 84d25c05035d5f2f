import { createHash } from "node:crypto";
import type {
  CipherContext,
  InstallationToken,
  TokenCache,
  TokenCacheInstallation,
  TokenCacheKey,
  TokenCipher,
} from "@infrajet/github/adapters";
import * as z from "zod";
import { LuaScript } from "./lua-script.js";
import { RedisCommands, type RedisOptions } from "./redis-commands.js";

/** The options of {@link redisTokenCache}. */
export interface RedisTokenCacheOptions extends RedisOptions {
  /** Encrypts the tokens, such as `keyringCipher(encryptionKeys)` of `@infrajet/github`. All processes need the same keys. */
  readonly cipher: TokenCipher;
}

const TIMEOUT_MS = 1_000;
// GitHub issues installation tokens for one hour.
const LIFETIME_MS = 3_600_000;
const MAX_COPIES = 1_000;

const storedSchema = z.object({ keyId: z.string(), text: z.string(), expiresAt: z.number() });
const tokenSchema = z.object({
  token: z.string(),
  expiresAt: z.coerce.date(),
  permissions: z.record(z.string(), z.string()),
  repositorySelection: z.enum(["all", "selected"]),
  issuedAt: z.number(),
});

/** Stores a token, and removes expired ones from time to time. */
const PUT = new LuaScript(`
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if redis.call('HLEN', KEYS[1]) % 50 == 0 then
  local now = redis.call('TIME')[1] * 1000
  local all = redis.call('HGETALL', KEYS[1])
  for index = 1, #all, 2 do
    if cjson.decode(all[index + 1]).expiresAt < now then redis.call('HDEL', KEYS[1], all[index]) end
  end
end
return 1
`);

/** Removes a stored token, unless another one has replaced it. */
const REMOVE = new LuaScript(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], ARGV[1]) end
return 1
`);

/**
 * Shares installation tokens between processes, so that GitHub issues fewer. Redis contains them encrypted, bound to their installation,
 * repositories and permissions.
 *
 * @throws GitHubSdkError `invalid_options`
 */
export function redisTokenCache({ cipher, ...options }: RedisTokenCacheOptions): TokenCache {
  return new RedisTokenCache(new RedisCommands(options), cipher);
}

class RedisTokenCache implements TokenCache {
  readonly #commands: RedisCommands;
  readonly #cipher: TokenCipher;
  /** Decrypted tokens by their stored text: a cipher may be a service of its own. */
  readonly #copies = new Map<string, InstallationToken>();

  constructor(commands: RedisCommands, cipher: TokenCipher) {
    this.#commands = commands;
    this.#cipher = cipher;
  }

  async get(key: TokenCacheKey): Promise<InstallationToken | null> {
    const text = await this.#read(key);
    if (text === null) return null;
    const copy = this.#copies.get(text);
    if (copy !== undefined) return copy;
    const token = await this.#decrypt(key, text);
    if (token !== null) this.#copy(text, token);
    return token;
  }

  async put(key: TokenCacheKey, token: InstallationToken): Promise<void> {
    const encrypted = await this.#cipher.encrypt(JSON.stringify(token), contextOf(key));
    const text = JSON.stringify({ ...encrypted, expiresAt: token.expiresAt.getTime() });
    await PUT.run(this.#commands, [this.#hashOf(key)], [fieldOf(key), text, LIFETIME_MS]);
    this.#copy(text, token);
  }

  async remove(key: TokenCacheKey, token: string): Promise<void> {
    const text = await this.#read(key);
    if (text === null) return;
    const stored = this.#copies.get(text) ?? (await this.#decrypt(key, text));
    if (stored?.token !== token) return;
    this.#copies.delete(text);
    await REMOVE.run(this.#commands, [this.#hashOf(key)], [fieldOf(key), text]);
  }

  async forget(installation: TokenCacheInstallation): Promise<void> {
    await this.#commands.run(() => this.#commands.connection.del(this.#hashOf(installation)), TIMEOUT_MS);
  }

  #read(key: TokenCacheKey): Promise<string | null> {
    return this.#commands.run(() => this.#commands.connection.hget(this.#hashOf(key), fieldOf(key)), TIMEOUT_MS);
  }

  /** Returns `null` for a text that was modified, or encrypted with a key that has been removed. */
  async #decrypt(key: TokenCacheKey, text: string): Promise<InstallationToken | null> {
    try {
      const { expiresAt: _, ...encrypted } = storedSchema.parse(JSON.parse(text));
      return tokenSchema.parse(JSON.parse(await this.#cipher.decrypt(encrypted, contextOf(key))));
    } catch {
      return null;
    }
  }

  #copy(text: string, token: InstallationToken): void {
    this.#copies.set(text, token);
    const [oldest] = this.#copies.keys();
    if (this.#copies.size > MAX_COPIES && oldest !== undefined) this.#copies.delete(oldest);
  }

  #hashOf(installation: TokenCacheInstallation): string {
    return `${this.#commands.prefix}:tokens:${ownerOf(installation)}`;
  }
}

function ownerOf({ apiUrl, appId, installationId }: TokenCacheInstallation): string {
  return `${encodeURIComponent(apiUrl)}:${appId}:${installationId}`;
}

function fieldOf({ repositories, permissions }: TokenCacheKey): string {
  const sorted =
    permissions === null ? null : Object.entries(permissions).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([repositories, sorted]))
    .digest("hex");
}

function contextOf(key: TokenCacheKey): CipherContext {
  return { owner: ownerOf(key), field: `installation-token:${fieldOf(key)}` };
}
