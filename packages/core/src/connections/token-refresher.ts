import type { Lease } from "../adapters/lock-store.js";
import type { ConnectionKey } from "../domain/connection.js";
import { type GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";
import { noConnection, reauthRequired } from "./connection-errors.js";
import type { ConnectionServices } from "./connection-services.js";
import type { IssuedToken } from "./issued-token.js";
import type { OAuthApi } from "./oauth-api.js";
import { configuredClient } from "./oauth-client.js";
import type { TokenMarker } from "./token-marker.js";
import { type HeldToken, heldToken, type TokenVault } from "./token-vault.js";

/** The services that refreshing works with. */
export interface TokenRefresherServices
  extends Pick<ConnectionServices, "connections" | "locks" | "clock" | "logger" | "oauthClients"> {
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly marker: TokenMarker;
  /** The time limit of one request to the token endpoint, in milliseconds. */
  readonly requestTimeout: number;
  /** Aborted when the SDK is closed. */
  readonly closing: AbortSignal;
}

const LEASE_MARGIN_MS = 10_000;
const LEASE_POLL_MS = 100;
const STORE_ATTEMPTS = 3;
const STORE_RETRY_MS = 200;
// Without a pause every caller would send another request while GitHub is down.
const PAUSE_AFTER_FAILURE_MS = 10_000;

/**
 * Exchanges expiring tokens for new pairs, with a single request for all concurrent callers in all processes. A refresh
 * token works once, so the new pair is stored before it is used.
 */
export class TokenRefresher {
  readonly #services: TokenRefresherServices;
  // Both maps are keyed by the token's version, which is unique.
  readonly #running = new Map<string, Promise<Secret>>();
  readonly #failed = new Map<string, { readonly error: GitHubSdkError; readonly until: number }>();

  constructor(services: TokenRefresherServices) {
    this.#services = services;
  }

  /**
   * Replaces a token, or waits for the caller or process that is replacing it.
   *
   * @returns the access token that is stored now
   * @throws GitHubSdkError `reauth_required` when GitHub rejects the refresh token, also because the pair that replaced it was
   * lost; `github_not_connected` when the connection was removed; `github_unavailable`, `github_timeout`, `rate_limited` when
   * GitHub does not respond; for the next 10 seconds it then rejects with the same error without a request
   */
  refresh(held: HeldToken): Promise<Secret> {
    const { version } = held.token;
    const failed = this.#failed.get(version);
    if (failed !== undefined && this.#services.clock.now() < failed.until) return Promise.reject(failed.error);
    const running = this.#running.get(version);
    if (running !== undefined) return running;
    const refreshing = this.#refresh(held).finally(() => this.#running.delete(version));
    this.#running.set(version, refreshing);
    return refreshing;
  }

  async #refresh(held: HeldToken): Promise<Secret> {
    try {
      return await this.#refreshUnderLease(held);
    } catch (error) {
      if (isGitHubSdkError(error) && !isGitHubSdkError(error, "cancelled")) this.#pause(held.token.version, error);
      throw error;
    }
  }

  #pause(version: string, error: GitHubSdkError): void {
    const now = this.#services.clock.now();
    for (const [other, { until }] of this.#failed) if (until <= now) this.#failed.delete(other);
    this.#failed.set(version, { error, until: now + PAUSE_AFTER_FAILURE_MS });
  }

  async #refreshUnderLease(held: HeldToken): Promise<Secret> {
    const { clock, locks, vault, closing, requestTimeout } = this.#services;
    const { apiUrl, userId } = held.connection;
    const name = JSON.stringify(["token-refresh", apiUrl, userId, held.token.clientId]);
    for (;;) {
      // Long enough for a request, its retry and storing, so that no other process sends the same refresh token.
      const lease = await locks.acquire(name, 2 * requestTimeout + LEASE_MARGIN_MS);
      try {
        const present = await this.#reload(held);
        if (present.token.version !== held.token.version) return await vault.accessToken(present);
        if (lease !== null) return await this.#exchange(present);
      } finally {
        if (lease !== null) await this.#release(lease);
      }
      await clock.sleep(LEASE_POLL_MS, closing);
    }
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await this.#services.locks.release(lease);
    } catch (error) {
      this.#services.logger.warn("The lease of a token refresh could not be released; it will expire.", { error });
    }
  }

  async #reload({ connection, client }: HeldToken): Promise<HeldToken> {
    const { connections, oauthClients } = this.#services;
    const present = await connections.find(keyOf(connection));
    const held = present === null ? null : heldToken(present, client, oauthClients);
    if (held === null) throw noConnection(client);
    if (held.token.reauthRequired) throw reauthRequired();
    return held;
  }

  async #exchange(held: HeldToken): Promise<Secret> {
    const { clock, vault, marker } = this.#services;
    const refreshToken = await vault.refreshToken(held);
    const expiresAt = held.token.refreshTokenExpiresAt;
    if (refreshToken === null || (expiresAt !== null && expiresAt.getTime() <= clock.now())) {
      await marker.mark(held);
      throw reauthRequired();
    }
    try {
      return await this.#store(held, await this.#requestPair(held, refreshToken));
    } catch (error) {
      if (isGitHubSdkError(error, "reauth_required")) await marker.mark(held);
      throw error;
    }
  }

  /**
   * Retries once when no response arrived. If GitHub executed the first request, it rejects the retry and the pair is lost;
   * otherwise the retry is the refresh.
   */
  async #requestPair({ client }: HeldToken, refreshToken: Secret): Promise<IssuedToken> {
    const { api, oauthClients } = this.#services;
    const app = configuredClient(oauthClients, client).client;
    try {
      return await api.refresh(app, refreshToken);
    } catch (error) {
      if (!isGitHubSdkError(error, "github_unavailable") && !isGitHubSdkError(error, "github_timeout")) throw error;
      return api.refresh(app, refreshToken);
    }
  }

  async #store(held: HeldToken, issued: IssuedToken): Promise<Secret> {
    const { connections, clock, logger, vault } = this.#services;
    const { connection, token } = held;
    for (let attempt = 1; ; attempt++) {
      try {
        const sealed = await vault.seal(connection, token.clientId, issued, issued.scopes ?? token.scopes);
        const stored = await connections.replaceToken(keyOf(connection), token.version, sealed);
        return stored === null ? await this.#adoptStored(held, issued) : issued.accessToken;
      } catch (error) {
        if (isGitHubSdkError(error, "github_not_connected") || isGitHubSdkError(error, "reauth_required")) throw error;
        if (attempt < STORE_ATTEMPTS) {
          await clock.sleep(STORE_RETRY_MS);
          continue;
        }
        logger.error("A refreshed token could not be stored and was discarded.", { ...logFields(held), error });
        await this.#discard(held, issued);
        throw reauthRequired();
      }
    }
  }

  /** Handles a changed version: an earlier attempt to store did succeed, or the user authorized again, and the newer token wins. */
  async #adoptStored(held: HeldToken, issued: IssuedToken): Promise<Secret> {
    try {
      const present = await this.#services.vault.accessToken(await this.#reload(held));
      if (present.reveal() === issued.accessToken.reveal()) return present;
      await this.#discard(held, issued);
      return present;
    } catch (error) {
      if (isGitHubSdkError(error, "github_not_connected")) await this.#discard(held, issued);
      throw error;
    }
  }

  /** Revokes a pair that will never be used. */
  async #discard(held: HeldToken, issued: IssuedToken): Promise<void> {
    const { oauthClients, logger, api } = this.#services;
    try {
      const { client } = configuredClient(oauthClients, held.client);
      await api.revoke(client, issued.accessToken, "token");
    } catch (error) {
      logger.warn("A discarded token could not be revoked.", { ...logFields(held), error });
    }
  }
}

function keyOf({ apiUrl, userId }: ConnectionKey): ConnectionKey {
  return { apiUrl, userId };
}

function logFields({ connection, client }: HeldToken): Readonly<Record<string, unknown>> {
  return { userId: connection.userId, client };
}
