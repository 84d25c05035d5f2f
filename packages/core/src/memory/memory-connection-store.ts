import { randomUUID } from "node:crypto";
import type {
  ConnectionPage,
  ConnectionStore,
  ReencryptedTokens,
  SaveConnectionResult,
} from "../adapters/connection-store.js";
import type {
  Connection,
  ConnectionDraft,
  ConnectionKey,
  ConnectionToken,
  GitHubAccountKey,
  TokenSet,
} from "../domain/connection.js";
import { compareParts, parseTextCursor, textCursor } from "../domain/text-cursor.js";

/** A store of connections in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryConnectionStore implements ConnectionStore {
  readonly #connections = new Map<string, Connection>();

  async save(draft: ConnectionDraft): Promise<SaveConnectionResult> {
    const owner = this.#ofAccount(draft);
    if (owner !== null && owner.userId !== draft.userId) return { outcome: "account_taken" };
    const previous = copy(this.#connections.get(keyText(draft)) ?? null);
    const isSameAccount = previous !== null && previous.githubUserId === draft.githubUserId;
    const { apiUrl, userId, githubUserId, login } = draft;
    const connection = this.#put({
      ...{ apiUrl, userId, githubUserId, login },
      connectedAt: isSameAccount ? previous.connectedAt : draft.connectedAt,
      tokens: [
        ...(isSameAccount ? previous.tokens.filter(({ clientId }) => clientId !== draft.clientId) : []),
        { ...newToken(draft.token), client: draft.client, clientId: draft.clientId },
      ],
    });
    return { outcome: "saved", connection, previous };
  }

  async find(key: ConnectionKey): Promise<Connection | null> {
    return copy(this.#connections.get(keyText(key)) ?? null);
  }

  async findByGitHubAccount(account: GitHubAccountKey): Promise<Connection | null> {
    return copy(this.#ofAccount(account));
  }

  async replaceToken(key: ConnectionKey, expectedVersion: string, token: TokenSet): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (held) => ({ ...held, ...newToken(token) }));
  }

  async reencryptToken(
    key: ConnectionKey,
    expectedVersion: string,
    { accessToken, refreshToken }: ReencryptedTokens,
  ): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (token) => ({ ...token, accessToken, refreshToken }));
  }

  async updateScopes(
    key: ConnectionKey,
    expectedVersion: string,
    scopes: readonly string[],
  ): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (token) =>
      JSON.stringify(token.scopes) === JSON.stringify(scopes) ? null : { ...token, scopes },
    );
  }

  async markReauthRequired(key: ConnectionKey, expectedVersion: string): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (token) => ({ ...token, reauthRequired: true }));
  }

  async remove(key: ConnectionKey): Promise<Connection | null> {
    const connection = this.#connections.get(keyText(key)) ?? null;
    this.#connections.delete(keyText(key));
    return connection;
  }

  async page(limit: number, cursor: string | null): Promise<ConnectionPage> {
    const after = cursor === null ? null : parseTextCursor(cursor, 2);
    const rest = [...this.#connections.values()]
      .filter((connection) => after === null || compareParts(sortKey(connection), after) > 0)
      .sort((a, b) => compareParts(sortKey(a), sortKey(b)));
    const connections = rest.slice(0, limit).map((connection) => structuredClone(connection));
    const last = connections.at(-1);
    return { connections, nextCursor: last !== undefined && rest.length > limit ? textCursor(sortKey(last)) : null };
  }

  #change(
    key: ConnectionKey,
    expectedVersion: string,
    change: (token: ConnectionToken) => ConnectionToken | null,
  ): Connection | null {
    const connection = this.#connections.get(keyText(key));
    const token = connection?.tokens.find(({ version }) => version === expectedVersion);
    const changed = token === undefined ? null : change(token);
    if (connection === undefined || changed === null) return null;
    return this.#put({ ...connection, tokens: connection.tokens.map((each) => (each === token ? changed : each)) });
  }

  #ofAccount({ apiUrl, githubUserId }: GitHubAccountKey): Connection | null {
    for (const connection of this.#connections.values()) {
      if (connection.apiUrl === apiUrl && connection.githubUserId === githubUserId) return connection;
    }
    return null;
  }

  #put(connection: Connection): Connection {
    this.#connections.set(keyText(connection), structuredClone(connection));
    return structuredClone(connection);
  }
}

function newToken(token: TokenSet): Omit<ConnectionToken, "client" | "clientId"> {
  const { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt, scopes } = token;
  return {
    ...{ accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt, scopes },
    version: randomUUID(),
    reauthRequired: false,
  };
}

function copy(connection: Connection | null): Connection | null {
  return structuredClone(connection);
}

function keyText(key: ConnectionKey): string {
  return JSON.stringify(sortKey(key));
}

function sortKey({ apiUrl, userId }: ConnectionKey): readonly string[] {
  return [apiUrl, userId];
}
