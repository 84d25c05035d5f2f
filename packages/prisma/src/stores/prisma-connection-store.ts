import { randomUUID } from "node:crypto";
import {
  type ClientName,
  type Connection,
  type ConnectionDraft,
  type ConnectionKey,
  type ConnectionPage,
  type ConnectionStore,
  type ConnectionToken,
  type GitHubAccountKey,
  parseTextCursor,
  type ReencryptedTokens,
  type SaveConnectionResult,
  type TokenSet,
  textCursor,
} from "@infrajet/github/adapters";
import type { ConnectionRow } from "../client.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import type { Where } from "../table.js";
import { decodeTokens, encodeTokens } from "./connection-token.js";
import { readDecodable } from "./read-decodable.js";

/** A connection store in `github_connections`. Every change of a user's row is a compare-and-set of its revision. */
export class PrismaConnectionStore implements ConnectionStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  save(draft: ConnectionDraft): Promise<SaveConnectionResult> {
    return this.#database.run<SaveConnectionResult>(async ({ gitHubConnection }) => {
      const key = keyOf(draft);
      const accountKey = accountKeyOf(draft);
      const owner = await gitHubConnection.findFirst({ where: { accountKey } });
      if (owner !== null && owner.key !== key) return { outcome: "account_taken" };
      const held = await gitHubConnection.findFirst({ where: { key } });
      const previous = held === null ? null : connectionOf(held);
      const connection = connected(draft, previous);
      const row = rowOf(connection);
      // The unique account key rejects a second user in both the insert and the update.
      if (held === null) await gitHubConnection.create({ data: row });
      else {
        const { count } = await gitHubConnection.updateMany({ where: { key, revision: held.revision }, data: row });
        if (count === 0) return CONFLICT;
      }
      return { outcome: "saved", connection: connectionOf(row), previous };
    });
  }

  find(key: ConnectionKey): Promise<Connection | null> {
    return this.#find({ key: keyOf(key) });
  }

  findByGitHubAccount(account: GitHubAccountKey): Promise<Connection | null> {
    return this.#find({ accountKey: accountKeyOf(account) });
  }

  replaceToken(key: ConnectionKey, expectedVersion: string, token: TokenSet): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (held) => ({ ...held, ...newToken(token) }));
  }

  reencryptToken(
    key: ConnectionKey,
    expectedVersion: string,
    { accessToken, refreshToken }: ReencryptedTokens,
  ): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (token) => ({ ...token, accessToken, refreshToken }));
  }

  updateScopes(key: ConnectionKey, expectedVersion: string, scopes: readonly string[]): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (token) =>
      JSON.stringify(token.scopes) === JSON.stringify(scopes) ? null : { ...token, scopes },
    );
  }

  markReauthRequired(key: ConnectionKey, expectedVersion: string): Promise<Connection | null> {
    return this.#change(key, expectedVersion, (token) => ({ ...token, reauthRequired: true }));
  }

  remove(key: ConnectionKey): Promise<Connection | null> {
    return this.#database.run(async ({ gitHubConnection }) => {
      const held = await gitHubConnection.findFirst({ where: { key: keyOf(key) } });
      if (held === null) return null;
      const { count } = await gitHubConnection.deleteMany({ where: { key: held.key, revision: held.revision } });
      return count === 1 ? connectionOf(held) : CONFLICT;
    });
  }

  async page(limit: number, cursor: string | null): Promise<ConnectionPage> {
    const start = cursor === null ? null : (parseTextCursor(cursor, 1)[0] ?? "");
    const found = await readDecodable<ConnectionRow, Connection>(
      limit + 1,
      (last, take) => {
        const after = last?.key ?? start;
        const where = after === null ? {} : { key: { gt: after } };
        return this.#database.run(async ({ gitHubConnection }) =>
          gitHubConnection.findMany({ where, orderBy: [{ key: "asc" }], take }),
        );
      },
      (row) => this.#database.decodeOrSkip("connection", row.key, () => connectionOf(row)),
    );
    const connections = found.slice(0, limit);
    const last = connections.at(-1);
    const nextCursor = last !== undefined && found.length > limit ? textCursor([keyOf(last)]) : null;
    return { connections, nextCursor };
  }

  #find(where: Where<ConnectionRow>): Promise<Connection | null> {
    return this.#database.run(async ({ gitHubConnection }) => {
      const row = await gitHubConnection.findFirst({ where });
      return row === null ? null : connectionOf(row);
    });
  }

  #change(
    key: ConnectionKey,
    expectedVersion: string,
    change: (token: ConnectionToken) => ConnectionToken | null,
  ): Promise<Connection | null> {
    return this.#database.run(async ({ gitHubConnection }) => {
      const held = await gitHubConnection.findFirst({ where: { key: keyOf(key) } });
      if (held === null) return null;
      const connection = connectionOf(held);
      const token = connection.tokens.find(({ version }) => version === expectedVersion);
      const replacement = token === undefined ? null : change(token);
      if (replacement === null) return null;
      const tokens = connection.tokens.map((each) => (each === token ? replacement : each));
      const row = rowOf({ ...connection, tokens });
      const { count } = await gitHubConnection.updateMany({
        where: { key: held.key, revision: held.revision },
        data: row,
      });
      return count === 1 ? connectionOf(row) : CONFLICT;
    });
  }
}

/** Returns the connection after an authorization. Keeps the other client's token when the account is the same. */
function connected(draft: ConnectionDraft, previous: Connection | null): Connection {
  const { apiUrl, userId, githubUserId, login, client, clientId, token } = draft;
  const isSameAccount = previous !== null && previous.githubUserId === githubUserId;
  const others = isSameAccount ? previous.tokens.filter((held) => held.clientId !== clientId) : [];
  return {
    ...{ apiUrl, userId, githubUserId, login },
    connectedAt: new Date(isSameAccount ? previous.connectedAt : draft.connectedAt),
    tokens: [...others, { ...newToken(token), client, clientId }],
  };
}

function newToken(token: TokenSet): Omit<ConnectionToken, "client" | "clientId"> {
  const { accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt, scopes } = structuredClone(token);
  return {
    ...{ accessToken, accessTokenExpiresAt, refreshToken, refreshTokenExpiresAt, scopes },
    version: randomUUID(),
    reauthRequired: false,
  };
}

function rowOf(connection: Connection): ConnectionRow {
  const { apiUrl, userId, login, connectedAt, tokens } = connection;
  return {
    key: keyOf(connection),
    accountKey: accountKeyOf(connection),
    ...{ apiUrl, userId, login, connectedAt },
    githubUserId: BigInt(connection.githubUserId),
    oauthToken: columnOf(tokens, "oauth"),
    appToken: columnOf(tokens, "app"),
    revision: randomUUID(),
  };
}

function connectionOf({
  apiUrl,
  userId,
  githubUserId,
  login,
  connectedAt,
  oauthToken,
  appToken,
}: ConnectionRow): Connection {
  return {
    ...{ apiUrl, userId, login, connectedAt },
    githubUserId: Number(githubUserId),
    tokens: [oauthToken, appToken].flatMap((text) => (text === null ? [] : decodeTokens(text))),
  };
}

function columnOf(tokens: Connection["tokens"], client: ClientName): string | null {
  const ofClient = tokens.filter((token) => token.client === client);
  return ofClient.length === 0 ? null : encodeTokens(ofClient);
}

function keyOf({ apiUrl, userId }: ConnectionKey): string {
  return storeKey(apiUrl, userId);
}

function accountKeyOf({ apiUrl, githubUserId }: GitHubAccountKey): string {
  return storeKey(apiUrl, githubUserId);
}
