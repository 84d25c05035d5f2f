import { randomUUID } from "node:crypto";
import type { OAuthState, StateStore } from "@infrajet/github/adapters";
import * as z from "zod";
import type { OAuthStateRow } from "../client.js";
import { CONFLICT, type StoreDatabase } from "../store-database.js";
import { storeKey } from "../store-key.js";
import { parseStored } from "../stored-json.js";
import type { Where } from "../table.js";

const clientName = z.enum(["oauth", "app"]);

/** A store of pending authorizations in `github_oauth_states`. */
export class PrismaStateStore implements StateStore {
  readonly #database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.#database = database;
  }

  async put(state: OAuthState): Promise<void> {
    const row = rowOf(state);
    await this.#database.run(async ({ gitHubOAuthState }) => {
      const { count } = await gitHubOAuthState.updateMany({ where: { key: row.key }, data: row });
      if (count === 0) await gitHubOAuthState.create({ data: row });
    });
  }

  consume(userId: string, state: string): Promise<OAuthState | null> {
    return this.#take({ key: storeKey(userId, state) });
  }

  consumeByBrowser(state: string, browser: string): Promise<OAuthState | null> {
    return this.#take({ browserKey: storeKey(state, browser) });
  }

  async keepNewest(userId: string, limit: number): Promise<number> {
    return this.#database.run(async ({ gitHubOAuthState }) => {
      const where = { userKey: storeKey(userId) };
      const rows = await gitHubOAuthState.findMany({ where, orderBy: [{ expiresAt: "desc" }, { key: "asc" }] });
      const old = rows.slice(limit).map(({ key }) => key);
      if (old.length === 0) return 0;
      return (await gitHubOAuthState.deleteMany({ where: { key: { in: old } } })).count;
    });
  }

  async removeExpired(limit: number): Promise<number> {
    const expired = { expiresAt: { lte: new Date(await this.#database.now()) } };
    return this.#database.run(async ({ gitHubOAuthState }) => {
      const rows = await gitHubOAuthState.findMany({ where: expired, orderBy: [{ expiresAt: "asc" }], take: limit });
      const { count } = await gitHubOAuthState.deleteMany({
        where: { key: { in: rows.map(({ key }) => key) }, ...expired },
      });
      return count;
    });
  }

  async #take(where: Where<OAuthStateRow>): Promise<OAuthState | null> {
    const now = await this.#database.now();
    return this.#database.run(async ({ gitHubOAuthState }) => {
      const row = await gitHubOAuthState.findFirst({ where });
      if (row === null) return null;
      const { count } = await gitHubOAuthState.deleteMany({ where: { key: row.key, revision: row.revision } });
      if (count === 0) return CONFLICT;
      return row.expiresAt.getTime() <= now ? null : stateOf(row);
    });
  }
}

function rowOf({ expiresAt, ...state }: OAuthState): OAuthStateRow {
  const { userId, browser } = state;
  return {
    ...state,
    key: storeKey(userId, state.state),
    browserKey: browser === null ? null : storeKey(state.state, browser),
    userKey: storeKey(userId),
    expiresAt: new Date(expiresAt),
    revision: randomUUID(),
  };
}

function stateOf(row: OAuthStateRow): OAuthState {
  const { userId, state, client, codeVerifier, redirectUri, browser, payload, expiresAt } = row;
  return {
    userId,
    state,
    client: parseStored("authorization", clientName, client),
    codeVerifier,
    redirectUri,
    browser,
    payload,
    expiresAt,
  };
}
