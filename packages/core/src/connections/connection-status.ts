import type { Connection, ConnectionKey } from "../domain/connection.js";
import { isGitHubSdkError } from "../errors.js";
import { timeoutError } from "../github/error-mapping.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import type { ConnectionServices } from "./connection-services.js";
import { heldTokens } from "./token-vault.js";
import type { RepositoryCount, UserRepositories } from "./user-repositories.js";
import type { UserCredential, UserTokens } from "./user-tokens.js";

/** How a user stands with GitHub. */
export interface ConnectionStatus {
  readonly connected: boolean;
  /** There is a connection, but GitHub no longer takes it: the user has to authorize again. */
  readonly reauthRequired: boolean;
  /** `null` when there is no connection. */
  readonly login: string | null;
  readonly githubUserId: number | null;
  /** When the user first connected this account. */
  readonly connectedAt: Date | null;
  /** How many repositories the user can reach; `null` while GitHub does not say. */
  readonly repositoriesCount: number | null;
  /** The scopes that GitHub granted; none for a GitHub App's token, `null` without a connection. */
  readonly permissions: readonly string[] | null;
}

const NOT_CONNECTED: ConnectionStatus = {
  connected: false,
  reauthRequired: false,
  login: null,
  githubUserId: null,
  connectedAt: null,
  repositoriesCount: null,
  permissions: null,
};

const COUNT_TIMEOUT = 5_000;
const LOOKS = 3;

/** What reading a status works with. */
export interface ConnectionStatusParts {
  readonly services: Pick<ConnectionServices, "connections" | "clock" | "logger">;
  readonly tokens: UserTokens;
  readonly repositories: UserRepositories;
  readonly closing: AbortSignal;
}

/** Tells how users stand with GitHub, also while GitHub says nothing. */
export class ConnectionStatuses {
  readonly #parts: ConnectionStatusParts;

  constructor(parts: ConnectionStatusParts) {
    this.#parts = parts;
  }

  /** Reads the store, and asks GitHub for one number, which it may leave out. */
  read(key: ConnectionKey): Promise<ConnectionStatus> {
    return this.#look(key, LOOKS);
  }

  async #look(key: ConnectionKey, looksLeft: number): Promise<ConnectionStatus> {
    const { services, tokens, repositories } = this.#parts;
    const connection = await services.connections.find(key);
    if (connection === null) return NOT_CONNECTED;
    if (heldTokens(connection).every(({ token }) => token.reauthRequired)) return withdrawnStatus(connection);
    const credential = tokens.credential(connection);
    try {
      return connectedStatus(connection, await this.#count(credential));
    } catch (error) {
      if (!isGitHubSdkError(error) || isGitHubSdkError(error, "store_failed")) throw error;
      // GitHub has just been found to take the token no more: the other app's may still be good.
      const isNews = isGitHubSdkError(error, "reauth_required") || isGitHubSdkError(error, "github_not_connected");
      if (isNews && looksLeft > 1) return this.#look(key, looksLeft - 1);
      services.logger.warn("The repositories of a user could not be counted.", { userId: key.userId, error });
      return connectedStatus(connection, repositories.lastCount(credential));
    }
  }

  async #count(credential: UserCredential): Promise<RepositoryCount> {
    const { services, repositories, closing } = this.#parts;
    const timeout = timeoutSignal(services.clock, COUNT_TIMEOUT, timeoutError(), closing);
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

function connectedStatus(connection: Connection, counted: RepositoryCount | null): ConnectionStatus {
  const { login, githubUserId, connectedAt, tokens } = connection;
  const { oauth } = tokens;
  const granted = oauth === null || oauth.reauthRequired ? [] : oauth.scopes;
  return {
    connected: true,
    reauthRequired: false,
    login,
    githubUserId,
    connectedAt,
    repositoriesCount: counted?.count ?? null,
    permissions: oauth === null ? granted : (counted?.scopes ?? granted),
  };
}
