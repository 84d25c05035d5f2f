import type { Connection, ConnectionKey } from "../domain/connection.js";
import { isGitHubSdkError } from "../errors.js";
import { timeoutError } from "../github/error-mapping.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import type { ConnectionServices } from "./connection-services.js";
import { missingScopes } from "./oauth-scopes.js";
import { type HeldToken, heldToken, heldTokens } from "./token-vault.js";
import type { RepositoryCount, UserRepositories } from "./user-repositories.js";
import type { UserCredential, UserTokens } from "./user-tokens.js";

/** A user's connection status. */
export interface ConnectionStatus {
  readonly connected: boolean;
  /** `true` when there is a connection whose tokens GitHub no longer accepts: the user must authorize again. */
  readonly reauthRequired: boolean;
  /** `null` when there is no connection. */
  readonly login: string | null;
  readonly githubUserId: number | null;
  /** The time at which the user first connected this account. */
  readonly connectedAt: Date | null;
  /** The number of repositories that the user can access; `null` while GitHub is unreachable. */
  readonly repositoriesCount: number | null;
  /** The scopes that GitHub granted; empty for a GitHub App's token, `null` without a connection. */
  readonly permissions: readonly string[] | null;
  /** The configured scopes that the user did not grant or has withdrawn; always empty for a GitHub App's token. */
  readonly missingPermissions: readonly string[];
}

const NOT_CONNECTED: ConnectionStatus = {
  connected: false,
  reauthRequired: false,
  login: null,
  githubUserId: null,
  connectedAt: null,
  repositoriesCount: null,
  permissions: null,
  missingPermissions: [],
};

const COUNT_TIMEOUT = 5_000;
const READ_ATTEMPTS = 3;

/** The services that reading a status works with. */
export interface ConnectionStatusServices
  extends Pick<ConnectionServices, "connections" | "oauthClients" | "scopes" | "bus" | "clock" | "logger"> {
  readonly tokens: UserTokens;
  readonly repositories: UserRepositories;
  readonly closing: AbortSignal;
}

/** Reads connection statuses, also while GitHub is unreachable. */
export class ConnectionStatuses {
  readonly #services: ConnectionStatusServices;

  constructor(services: ConnectionStatusServices) {
    this.#services = services;
  }

  /** Reads the connection from the store, and requests the number of repositories from GitHub. */
  read(key: ConnectionKey): Promise<ConnectionStatus> {
    return this.#read(key, READ_ATTEMPTS);
  }

  async #read(key: ConnectionKey, attemptsLeft: number): Promise<ConnectionStatus> {
    const { connections, oauthClients, logger, tokens, repositories } = this.#services;
    const connection = await connections.find(key);
    if (connection === null) return NOT_CONNECTED;
    if (heldTokens(connection, oauthClients).every(({ token }) => token.reauthRequired)) {
      return withdrawnStatus(connection);
    }
    const credential = tokens.credential(connection);
    try {
      return await this.#connected(connection, await this.#count(credential));
    } catch (error) {
      if (!isGitHubSdkError(error) || isGitHubSdkError(error, "store_failed")) throw error;
      // The token was just marked as revoked; the token of the other app may still be valid.
      const isRevoked = isGitHubSdkError(error, "reauth_required") || isGitHubSdkError(error, "github_not_connected");
      if (isRevoked && attemptsLeft > 1) return this.#read(key, attemptsLeft - 1);
      logger.warn("The repositories of a user could not be counted.", { userId: key.userId, error });
      return this.#connected(connection, repositories.lastCount(credential));
    }
  }

  async #connected(connection: Connection, counted: RepositoryCount | null): Promise<ConnectionStatus> {
    const { login, githubUserId, connectedAt } = connection;
    const held = heldToken(connection, "oauth", this.#services.oauthClients);
    const usable = held?.token.reauthRequired === false ? held : null;
    const permissions = usable === null ? [] : (counted?.scopes ?? usable.token.scopes);
    if (usable !== null) await this.#storeScopes(usable, permissions);
    return {
      connected: true,
      reauthRequired: false,
      login,
      githubUserId,
      connectedAt,
      repositoriesCount: counted?.count ?? null,
      permissions,
      missingPermissions: usable === null ? [] : missingScopes(permissions, this.#services.scopes),
    };
  }

  /** Stores changed scopes, and emits an event when the token has lost some. Does not reject: the next status tries again. */
  async #storeScopes({ connection, client, token }: HeldToken, scopes: readonly string[]): Promise<void> {
    const { connections, bus, logger } = this.#services;
    const { apiUrl, userId, githubUserId, login } = connection;
    if (missingScopes(scopes, token.scopes).length + missingScopes(token.scopes, scopes).length === 0) return;
    try {
      const updated = await connections.updateScopes({ apiUrl, userId }, token.version, scopes);
      const lost = [...missingScopes(scopes, token.scopes)];
      if (updated === null || lost.length === 0) return;
      bus.emit("connection.scopes_reduced", { userId, githubUserId, login, client, lostScopes: lost });
    } catch (error) {
      logger.warn("The changed scopes of a token could not be stored.", { userId, client, error });
    }
  }

  async #count(credential: UserCredential): Promise<RepositoryCount> {
    const { clock, repositories, closing } = this.#services;
    const timeout = timeoutSignal(clock, COUNT_TIMEOUT, timeoutError(), closing);
    try {
      return await repositories.count(credential, timeout.signal);
    } finally {
      timeout.clear();
    }
  }
}

function withdrawnStatus(connection: Connection): ConnectionStatus {
  const { login, githubUserId, connectedAt } = connection;
  return { ...NOT_CONNECTED, reauthRequired: true, login, githubUserId, connectedAt };
}
