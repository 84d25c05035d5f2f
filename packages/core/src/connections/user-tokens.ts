import type { ClientName, Connection, ConnectionKey } from "../domain/connection.js";
import { isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { Secret } from "../secret.js";
import { abortable } from "../timing/abortable.js";
import { noConnection, reauthRequired } from "./connection-errors.js";
import type { ConnectionServices } from "./connection-services.js";
import type { OAuthApi } from "./oauth-api.js";
import { configuredClient } from "./oauth-client.js";
import type { TokenMarker } from "./token-marker.js";
import type { TokenRefresher } from "./token-refresher.js";
import { type HeldToken, heldToken, heldTokens, type TokenVault } from "./token-vault.js";

/** A credential for requests as a connected user. */
export interface UserCredential extends Credential {
  readonly kind: "user";
  /**
   * Checks a token to which GitHub responded with 401. Refreshes it if possible; otherwise marks it as revoked if GitHub
   * confirms that.
   *
   * @returns `true` when `token()` now returns a different token, so that the request can be retried
   */
  rejected(token: string, signal?: AbortSignal): Promise<boolean>;
}

/** The result of checking a stored token at GitHub. */
export type TokenVerdict = "valid" | "replaced" | "gone" | "unknown";

/** The services that user tokens work with. */
export interface UserTokensServices
  extends Pick<ConnectionServices, "connections" | "clock" | "logger" | "oauthClients"> {
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly marker: TokenMarker;
  readonly refresher: TokenRefresher;
}

// An expiring token is refreshed early, so that it does not expire during a request.
const REFRESH_MARGIN_MS = 5 * 60_000;

/** Provides valid tokens of connected users. */
export class UserTokens {
  readonly #services: UserTokensServices;
  readonly #examining = new Map<string, Promise<TokenVerdict>>();

  constructor(services: UserTokensServices) {
    this.#services = services;
  }

  /**
   * Returns a credential of a connection: of the named app, or of the first app whose token GitHub accepts.
   *
   * @throws GitHubSdkError `github_not_connected` when the app was not authorized; `reauth_required` also when the tokens belong
   * to apps that are not configured any longer
   */
  credential(connection: Connection, client?: ClientName): UserCredential {
    const isRequested = (token: { readonly client: ClientName }): boolean =>
      client === undefined || token.client === client;
    // A token of a different client ID is left over from a former app: the user must authorize the current one.
    if (!connection.tokens.some(isRequested)) throw noConnection(client);
    const held = heldTokens(connection, this.#services.oauthClients).filter(isRequested);
    const usable = held.find(({ token }) => !token.reauthRequired);
    if (usable === undefined) throw reauthRequired();
    const key: ConnectionKey = { apiUrl: connection.apiUrl, userId: connection.userId };
    const { githubUserId } = connection;
    return {
      key: `user:${githubUserId}:${usable.client}`,
      kind: "user",
      token: async (signal) => (await this.#token(key, githubUserId, usable.client, signal)).reveal(),
      rejected: (token, signal) =>
        abortable(signalsOf(signal), () => this.#rejected(key, githubUserId, usable.client, token)),
    };
  }

  /**
   * Returns a currently valid access token of a connection.
   *
   * @throws GitHubSdkError as {@link TokenRefresher.refresh}; `store_failed` when it cannot be decrypted
   */
  async valid(held: HeldToken): Promise<Secret> {
    const { vault, refresher, clock } = this.#services;
    if (held.token.reauthRequired) throw reauthRequired();
    const expiresAt = held.token.accessTokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (expiresAt - clock.now() > REFRESH_MARGIN_MS) return vault.accessToken(held);
    try {
      return await refresher.refresh(held);
    } catch (error) {
      if (!isTemporary(error) || expiresAt <= clock.now()) throw error;
      return vault.accessToken(held);
    }
  }

  /** Checks a token at GitHub. Refreshes a token that GitHub rejects, and marks it as revoked when that fails. */
  examine(held: HeldToken): Promise<TokenVerdict> {
    const { version } = held.token;
    const examining = this.#examining.get(version);
    if (examining !== undefined) return examining;
    const verdict = this.#examine(held).finally(() => this.#examining.delete(version));
    this.#examining.set(version, verdict);
    return verdict;
  }

  async #token(
    key: ConnectionKey,
    githubUserId: number,
    client: ClientName,
    signal: AbortSignal | undefined,
  ): Promise<Secret> {
    const held = await this.#held(key, githubUserId, client);
    if (held === null) throw noConnection(client);
    // An aborted caller does not abort the refresh, since other callers wait for it.
    return abortable(signalsOf(signal), () => this.valid(held));
  }

  async #rejected(key: ConnectionKey, githubUserId: number, client: ClientName, token: string): Promise<boolean> {
    const held = await this.#held(key, githubUserId, client);
    if (held === null || held.token.reauthRequired) return false;
    if ((await this.#services.vault.accessToken(held)).reveal() !== token) return true;
    return (await this.examine(held)) === "replaced";
  }

  /** Returns `null` also when the user connected a different GitHub account after the credential was created. */
  async #held(key: ConnectionKey, githubUserId: number, client: ClientName): Promise<HeldToken | null> {
    const connection = await this.#services.connections.find(key);
    return connection?.githubUserId === githubUserId
      ? heldToken(connection, client, this.#services.oauthClients)
      : null;
  }

  async #examine(held: HeldToken): Promise<TokenVerdict> {
    const { oauthClients, logger, api, vault, marker, refresher } = this.#services;
    try {
      const { client } = configuredClient(oauthClients, held.client);
      if (await api.isValid(client, await vault.accessToken(held))) return "valid";
      if (held.token.refreshToken === null) {
        await marker.mark(held);
        return "gone";
      }
      // GitHub rejects an expired access token like a revoked one; the refresh tells them apart.
      await refresher.refresh(held);
      return "replaced";
    } catch (error) {
      if (isGitHubSdkError(error, "reauth_required")) return "gone";
      const { userId } = held.connection;
      logger.warn("A token could not be checked at GitHub.", { userId, client: held.client, error });
      return "unknown";
    }
  }
}

function signalsOf(signal: AbortSignal | undefined): readonly AbortSignal[] {
  return signal === undefined ? [] : [signal];
}

/** Returns `true` when the same request may succeed later. */
function isTemporary(error: unknown): boolean {
  const codes = ["github_unavailable", "github_timeout", "rate_limited"] as const;
  return codes.some((code) => isGitHubSdkError(error, code));
}
