import { createHash } from "node:crypto";
import { isoTime } from "../git/commit.js";
import type { Addresses } from "../http/addresses.js";
import type { UserToken } from "../oauth/user-tokens.js";
import { simpleUser } from "./account.js";

/** Returns a token as the payload for the application that it was issued to. */
export function authorizationPayload(token: UserToken, addresses: Addresses): Record<string, unknown> {
  const { id, client, user, createdAt, updatedAt, expiresAt } = token;
  return {
    id,
    url: `${addresses.api}/authorizations/${id}`,
    app: { name: client.name, url: client.url, client_id: client.clientId },
    token: token.token,
    hashed_token: createHash("sha256").update(token.token).digest("hex"),
    token_last_eight: token.token.slice(-8),
    note: null,
    note_url: null,
    created_at: isoTime(Math.floor(createdAt / 1000)),
    updated_at: isoTime(Math.floor(updatedAt / 1000)),
    scopes: token.scopes,
    fingerprint: null,
    expires_at: expiresAt === undefined ? null : isoTime(Math.floor(expiresAt / 1000)),
    user: simpleUser(user, addresses),
  };
}
