import type { ConnectionToken } from "@infrajet/github/adapters";
import { z } from "zod";
import { parseStored, parseStoredJson } from "../stored-json.js";

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

/** Encodes an encrypted token for its column. */
export function encodeToken(token: ConnectionToken): string {
  return JSON.stringify(token);
}

/** Decodes a token. @throws GitHubSdkError `store_failed` when the text is not an encoded token */
export function decodeToken(text: string): ConnectionToken {
  return parseStored("connection", tokenSchema, parseStoredJson("connection", text));
}
