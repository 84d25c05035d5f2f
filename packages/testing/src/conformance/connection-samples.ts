import assert from "node:assert/strict";
import type {
  Connection,
  ConnectionDraft,
  ConnectionStore,
  ConnectionToken,
  TokenSet,
} from "@infrajet/github/adapters";
import { present } from "./conformance-case.js";

/** The GitHub API of the samples. */
export const API_URL = "https://api.github.com";
/** The key of the sample connection. */
export const KEY = { apiUrl: API_URL, userId: "7" };
/** The account of the sample connection. */
export const ACCOUNT = { apiUrl: API_URL, githubUserId: 583_231 };

/** The client IDs of the sample apps. */
export const CLIENT_IDS = { oauth: "Ov23.oauth", app: "Iv1.app" } as const;

/** Returns a draft of a connection with defaults for all fields. */
export function draft(overrides: Partial<ConnectionDraft> = {}): ConnectionDraft {
  return {
    ...KEY,
    ...ACCOUNT,
    login: "octocat",
    connectedAt: new Date("2026-03-01T10:00:00.123Z"),
    client: "oauth",
    clientId: CLIENT_IDS[overrides.client ?? "oauth"],
    token: tokens("one"),
    ...overrides,
  };
}

/** Returns a token set whose texts contain a name. */
export function tokens(name: string): TokenSet {
  return {
    accessToken: sealed(`access ${name}`, "k1"),
    accessTokenExpiresAt: new Date("2026-03-01T18:00:00.000Z"),
    refreshToken: sealed(`refresh ${name}`, "k1"),
    refreshTokenExpiresAt: new Date("2026-09-01T10:00:00.000Z"),
    scopes: ["repo", "read:user"],
  };
}

/** Returns an encrypted text. */
export function sealed(text: string, keyId: string): TokenSet["accessToken"] {
  return { keyId, text };
}

/** Saves a connection. Fails when another user has the account. */
export async function save(store: ConnectionStore, saved: ConnectionDraft): Promise<Connection> {
  const result = await store.save(saved);
  assert.ok(result.outcome === "saved", `the account of ${saved.userId} is taken`);
  return result.connection;
}

/** Returns a connection's token of a client ID. Fails when there is none. */
export function tokenOf({ tokens }: Connection, clientId: string = CLIENT_IDS.oauth): ConnectionToken {
  return present(tokens.find((token) => token.clientId === clientId) ?? null);
}

/** Returns the version of a connection's OAuth token. */
export function versionOf(connection: Connection): string {
  return tokenOf(connection).version;
}

/** Returns all pages of connections from a cursor on. */
export async function allPages(
  store: ConnectionStore,
  limit: number,
  from: string | null = null,
): Promise<(readonly Connection[])[]> {
  const pages: (readonly Connection[])[] = [];
  let cursor = from;
  do {
    const page = await store.page(limit, cursor);
    pages.push(page.connections);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
}
