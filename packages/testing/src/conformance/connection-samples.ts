import assert from "node:assert/strict";
import type { Connection, ConnectionDraft, ConnectionStore, TokenSet } from "@infrajet/github/adapters";
import { present } from "./conformance-case.js";

/** The GitHub API of the samples. */
export const API_URL = "https://api.github.com";
/** The key of the sample connection. */
export const KEY = { apiUrl: API_URL, userId: "7" };
/** The account of the sample connection. */
export const ACCOUNT = { apiUrl: API_URL, githubUserId: 583_231 };

/** Returns a draft of a connection with defaults for all fields. */
export function draft(overrides: Partial<ConnectionDraft> = {}): ConnectionDraft {
  return {
    ...KEY,
    ...ACCOUNT,
    login: "octocat",
    connectedAt: new Date("2026-03-01T10:00:00.123Z"),
    client: "oauth",
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

/** Returns the version of a connection's OAuth token. */
export function versionOf({ tokens: { oauth } }: Connection): string {
  return present(oauth).version;
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
