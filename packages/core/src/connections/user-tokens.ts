import type { ClientName, Connection, ConnectionKey } from "../domain/connection.js";
import { isGitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { Secret } from "../secret.js";
import { abortable } from "../timing/abortable.js";
import { noConnection, reauthRequired } from "./connection-error.js";
import type { ConnectionServices } from "./connection-services.js";
import type { OAuthApi } from "./oauth-api.js";
import { configuredClient } from "./oauth-client.js";
import type { TokenMarker } from "./token-marker.js";
import type { TokenRefresher } from "./token-refresher.js";
import { type HeldToken, heldToken, heldTokens, type TokenVault } from "./token-vault.js";

/** What a connected user's requests are made with. */
export interface UserCredential extends Credential {
  readonly kind: "user";
  /**
   * Asks GitHub about a token that it answered 401 to, refreshes it where that is possible, and marks it as no longer taken
   * where it is not.
   *
   * @returns whether `token()` gives another token now, so that the request may be sent once more
   */
  rejected(token: string, signal?: AbortSignal): Promise<boolean>;
}

/** What GitHub says of a stored token. */
export type TokenVerdict = "valid" | "replaced" | "gone" | "unknown";

/** What user tokens work with. */
export interface UserTokensParts {
  readonly services: Pick<ConnectionServices, "connections" | "clock" | "logger" | "oauthClients">;
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly marker: TokenMarker;
  readonly refresher: TokenRefresher;
}

// An expiring token is replaced this long before its end: requests that are under way then still count.
const REFRESH_MARGIN = 5 * 60_000;

/** The tokens of connected users: valid when they are given out. */
export class UserTokens {
  readonly #parts: UserTokensParts;
  readonly #examining = new Map<string, Promise<TokenVerdict>>();

  constructor(parts: UserTokensParts) {
    this.#parts = parts;
  }

  /**
   * A credential of a connection: of the app that is named, else of the first whose token GitHub takes.
   *
   * @throws GitHubSdkError `github_not_connected` when the app was not authorized, `reauth_required`
   */
  credential(connection: Connection, client?: ClientName): UserCredential {
    const held = heldTokens(connection).filter((token) => client === undefined || token.client === client);
    if (held.length === 0) throw noConnection(client);
    const usable = held.find(({ token }) => !token.reauthRequired);
    if (usable === undefined) throw reauthRequired();
    const key: ConnectionKey = { apiUrl: connection.apiUrl, userId: connection.userId };
    const { githubUserId } = connection;
    return {
      key: `user:${githubUserId}:${usable.client}`,
      kind: "user",
      token: async (signal) => (await this.#token(key, githubUserId, usable.client, signal)).reveal(),
      rejected: (token, signal) =>
        abortable(listen(signal), () => this.#rejected(key, githubUserId, usable.client, token)),
    };
  }

  /**
   * The access token of a connection, valid now.
   *
   * @throws GitHubSdkError as {@link TokenRefresher.refresh}; `store_failed` when it cannot be decrypted
   */
  async valid(held: HeldToken): Promise<Secret> {
    const { vault, refresher, services } = this.#parts;
    if (held.token.reauthRequired) throw reauthRequired();
    const expiresAt = held.token.accessTokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
    if (expiresAt - services.clock.now() > REFRESH_MARGIN) return vault.accessToken(held);
    try {
      return await refresher.refresh(held);
    } catch (error) {
      if (!isPassing(error) || expiresAt <= services.clock.now()) throw error;
      return vault.accessToken(held);
    }
  }

  /** Asks GitHub whether it still takes a token; refreshes it where it does not, and marks it where that fails. */
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
    // Whoever asks may give up; a refresh that has begun goes on for the others.
    return abortable(listen(signal), () => this.valid(held));
  }

  async #rejected(key: ConnectionKey, githubUserId: number, client: ClientName, token: string): Promise<boolean> {
    const held = await this.#held(key, githubUserId, client);
    if (held === null || held.token.reauthRequired) return false;
    const { vault, services, marker } = this.#parts;
    if ((await vault.accessToken(held)).reveal() !== token) return true;
    if (services.oauthClients[client] !== undefined) return (await this.examine(held)) === "replaced";
    await marker.mark(held);
    return false;
  }

  /** `null` also when the user has connected another GitHub account since the credential was made. */
  async #held(key: ConnectionKey, githubUserId: number, client: ClientName): Promise<HeldToken | null> {
    const connection = await this.#parts.services.connections.find(key);
    return connection?.githubUserId === githubUserId ? heldToken(connection, client) : null;
  }

  async #examine(held: HeldToken): Promise<TokenVerdict> {
    const { services, api, vault, marker, refresher } = this.#parts;
    try {
      const { client } = configuredClient(services.oauthClients, held.client);
      if (await api.isValid(client, await vault.accessToken(held))) return "valid";
      if (held.token.refreshToken === null) {
        await marker.mark(held);
        return "gone";
      }
      // An access token that has merely expired is not taken either.
      await refresher.refresh(held);
      return "replaced";
    } catch (error) {
      if (isGitHubSdkError(error, "reauth_required")) return "gone";
      const { userId } = held.connection;
      services.logger.warn("GitHub could not be asked about a token.", { userId, client: held.client, error });
      return "unknown";
    }
  }
}

function listen(signal: AbortSignal | undefined): readonly AbortSignal[] {
  return signal === undefined ? [] : [signal];
}

/** Whether GitHub may answer otherwise in a moment. */
function isPassing(error: unknown): boolean {
  const codes = ["github_unavailable", "github_timeout", "rate_limited"] as const;
  return codes.some((code) => isGitHubSdkError(error, code));
}
