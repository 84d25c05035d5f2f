import type { ConnectionToken } from "@infrajet/github/adapters";
import * as z from "zod";
import { parseStored, parseStoredJson } from "../stored-json.js";

const sealed = z.object({ keyId: z.string(), text: z.string() });
const date = z.iso.datetime().transform((text) => new Date(text));

const tokenSchema = z.object({
  client: z.enum(["oauth", "app"]),
  clientId: z.string(),
  accessToken: sealed,
  accessTokenExpiresAt: date.nullable(),
  refreshToken: sealed.nullable(),
  refreshTokenExpiresAt: date.nullable(),
  scopes: z.array(z.string()),
  version: z.string(),
  reauthRequired: z.boolean(),
}) satisfies z.ZodType<ConnectionToken>;

/** Encodes the tokens of one kind of app as the text of their column. The tokens are already encrypted. */
export function encodeTokens(tokens: readonly ConnectionToken[]): string {
  return JSON.stringify(tokens);
}

/** Decodes the tokens of a column. @throws GitHubSdkError `store_failed` when the text is not encoded tokens */
export function decodeTokens(text: string): readonly ConnectionToken[] {
  const stored = parseStoredJson("connection", text);
  // Earlier versions stored one token without its client ID; its user has to authorize the app again.
  if (!Array.isArray(stored)) return [];
  return parseStored("connection", z.array(tokenSchema), stored);
}
