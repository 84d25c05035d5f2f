import type { Lease } from "../adapters/lock-store.js";
import type { ConnectionKey } from "../domain/connection.js";
import { type GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";
import { noConnection, reauthRequired } from "./connection-error.js";
import type { ConnectionServices } from "./connection-services.js";
import type { IssuedToken } from "./issued-token.js";
import type { OAuthApi } from "./oauth-api.js";
import { configuredClient } from "./oauth-client.js";
import type { TokenMarker } from "./token-marker.js";
import { type HeldToken, heldToken, type TokenVault } from "./token-vault.js";

/** What refreshing works with. */
export interface TokenRefresherParts {
  readonly services: Pick<ConnectionServices, "connections" | "locks" | "clock" | "logger" | "oauthClients">;
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly marker: TokenMarker;
  /** Milliseconds that one request to the token endpoint may take. */
  readonly requestTimeout: number;
  /** Aborted when the SDK is closed. */
  readonly closing: AbortSignal;
}

const LEASE_MARGIN = 10_000;
const LOOK_AGAIN_AFTER = 100;
const STORE_TRIES = 3;
const STORE_PAUSE = 200;
// While GitHub is down every caller would ask it again.
const PAUSE_AFTER_FAILURE = 10_000;

/**
 * Exchanges expiring tokens for new pairs: one request, however many callers in however many processes want the token at
 * the same moment. A refresh token works once, so the pair is stored before anybody uses it.
 */
export class TokenRefresher {
  readonly #parts: TokenRefresherParts;
  // By the token's version, which no other token ever has.
  readonly #running = new Map<string, Promise<Secret>>();
  readonly #failed = new Map<string, { readonly error: GitHubSdkError; readonly until: number }>();

  constructor(parts: TokenRefresherParts) {
    this.#parts = parts;
  }

  /**
   * Replaces a token, or waits for whoever does.
   *
   * @returns the access token that is stored now
   * @throws GitHubSdkError `reauth_required` when the refresh token is no longer taken, also because the pair that replaced it
   * got lost; `github_not_connected` when the connection was removed; `github_unavailable`, `github_timeout`,
   * `rate_limited` when GitHub gives no answer, again at once for some seconds
   */
  refresh(held: HeldToken): Promise<Secret> {
    const { version } = held.token;
    const failed = this.#failed.get(version);
    if (failed !== undefined && this.#parts.services.clock.now() < failed.until) return Promise.reject(failed.error);
    const running = this.#running.get(version);
    if (running !== undefined) return running;
    const refreshing = this.#refresh(held).finally(() => this.#running.delete(version));
    this.#running.set(version, refreshing);
    return refreshing;
  }

  async #refresh(held: HeldToken): Promise<Secret> {
    try {
      return await this.#refreshAlone(held);
    } catch (error) {
      if (isGitHubSdkError(error) && !isGitHubSdkError(error, "cancelled")) this.#pause(held.token.version, error);
      throw error;
    }
  }

  #pause(version: string, error: GitHubSdkError): void {
    const now = this.#parts.services.clock.now();
    for (const [other, { until }] of this.#failed) if (until <= now) this.#failed.delete(other);
    this.#failed.set(version, { error, until: now + PAUSE_AFTER_FAILURE });
  }

  async #refreshAlone(held: HeldToken): Promise<Secret> {
    const { services, closing, requestTimeout } = this.#parts;
    const { apiUrl, userId } = held.connection;
    const name = JSON.stringify(["token-refresh", apiUrl, userId, held.client]);
    for (;;) {
      // Long enough for a request, its repetition and storing: nobody else sends the same refresh token meanwhile.
      const lease = await services.locks.acquire(name, 2 * requestTimeout + LEASE_MARGIN);
      try {
        const present = await this.#reload(held);
        if (present.token.version !== held.token.version) return await this.#parts.vault.accessToken(present);
        if (lease !== null) return await this.#exchange(present);
      } finally {
        if (lease !== null) await this.#release(lease);
      }
      await services.clock.sleep(LOOK_AGAIN_AFTER, closing);
    }
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await this.#parts.services.locks.release(lease);
    } catch (error) {
      this.#parts.services.logger.warn("A lease could not be given back and will run out.", { error });
    }
  }

  async #reload({ connection, client }: HeldToken): Promise<HeldToken> {
    const present = await this.#parts.services.connections.find(keyOf(connection));
    const held = present === null ? null : heldToken(present, client);
    if (held === null) throw noConnection(client);
    if (held.token.reauthRequired) throw reauthRequired();
    return held;
  }

  async #exchange(held: HeldToken): Promise<Secret> {
    const { services, vault, marker } = this.#parts;
    const refreshToken = await vault.refreshToken(held);
    const expiresAt = held.token.refreshTokenExpiresAt;
    if (refreshToken === null || (expiresAt !== null && expiresAt.getTime() <= services.clock.now())) {
      await marker.mark(held);
      throw reauthRequired();
    }
    try {
      return await this.#store(held, await this.#ask(held, refreshToken));
    } catch (error) {
      if (isGitHubSdkError(error, "reauth_required")) await marker.mark(held);
      throw error;
    }
  }

  /**
   * An answer that did not arrive is asked for once more: if GitHub has carried the first request out it refuses now, and
   * the pair is lost; if it has not, this is the refresh.
   */
  async #ask({ client }: HeldToken, refreshToken: Secret): Promise<IssuedToken> {
    const app = configuredClient(this.#parts.services.oauthClients, client).client;
    try {
      return await this.#parts.api.refresh(app, refreshToken);
    } catch (error) {
      if (!isGitHubSdkError(error, "github_unavailable") && !isGitHubSdkError(error, "github_timeout")) throw error;
      return this.#parts.api.refresh(app, refreshToken);
    }
  }

  async #store(held: HeldToken, issued: IssuedToken): Promise<Secret> {
    const { services, vault } = this.#parts;
    const { connection, client, token } = held;
    for (let attempt = 1; ; attempt++) {
      try {
        const sealed = await vault.seal(connection, client, issued, issued.scopes ?? token.scopes);
        const stored = await services.connections.replaceToken(keyOf(connection), client, token.version, sealed);
        return stored === null ? await this.#adoptStored(held, issued) : issued.accessToken;
      } catch (error) {
        if (isGitHubSdkError(error, "github_not_connected") || isGitHubSdkError(error, "reauth_required")) throw error;
        if (attempt < STORE_TRIES) {
          await services.clock.sleep(STORE_PAUSE);
          continue;
        }
        services.logger.error("A refreshed token could not be stored and was given up.", { ...who(held), error });
        await this.#giveUp(held, issued);
        throw reauthRequired();
      }
    }
  }

  /** The version has changed: by an earlier try whose answer got lost, or by the user, whose newer token counts then. */
  async #adoptStored(held: HeldToken, issued: IssuedToken): Promise<Secret> {
    try {
      const present = await this.#parts.vault.accessToken(await this.#reload(held));
      if (present.reveal() === issued.accessToken.reveal()) return present;
      await this.#giveUp(held, issued);
      return present;
    } catch (error) {
      if (isGitHubSdkError(error, "github_not_connected")) await this.#giveUp(held, issued);
      throw error;
    }
  }

  /** Nobody will ever use the pair: it should not stay good. */
  async #giveUp(held: HeldToken, issued: IssuedToken): Promise<void> {
    const { services, api } = this.#parts;
    try {
      const { client } = configuredClient(services.oauthClients, held.client);
      await api.revoke(client, issued.accessToken, "token");
    } catch (error) {
      services.logger.warn("A token that was given up could not be revoked.", { ...who(held), error });
    }
  }
}

function keyOf({ apiUrl, userId }: ConnectionKey): ConnectionKey {
  return { apiUrl, userId };
}

function who({ connection, client }: HeldToken): Readonly<Record<string, unknown>> {
  return { userId: connection.userId, client };
}
