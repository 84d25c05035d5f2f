import type { ConnectionToken } from "@infrajet/github/adapters";
import { z } from "zod";
import { parseStored } from "../stored-json.js";

const sealed = z.object({ keyId: z.string(), text: z.string() });
const date = z.iso.datetime().transform((text) => new Date(text));

const tokenSchema = z.object({
  accessToken: sealed,
  accessTokenExpiresAt: date.nullable(),
  refreshToken: sealed.nullable(),
  refreshTokenExpiresAt: date.nullable(),
  scopes: z.array(z.string()),
  version: z.string(),
  reauthRequired: z.boolean(),
}) satisfies z.ZodType<ConnectionToken>;

/** A token as the text of its column. It is encrypted already; how long it gets is GitHub's affair. */
export function encodeToken(token: ConnectionToken): string {
  return JSON.stringify(token);
}

/** The token that was encoded. @throws GitHubSdkError `store_failed` for a text that is none */
export function decodeToken(text: string): ConnectionToken {
  return parseStored("connection", tokenSchema, JSON.parse(text));
}
