import * as z from "zod";
import { Secret } from "../secret.js";

/** The tokens that GitHub issued for one authorization or refresh. They are opaque: their format and length may change. */
export interface IssuedToken {
  readonly accessToken: Secret;
  /** `null` for tokens that do not expire. */
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshToken: Secret | null;
  readonly refreshTokenExpiresAt: Date | null;
  /** The granted scopes; `null` when the response does not contain them. */
  readonly scopes: readonly string[] | null;
}

const seconds = z.number().positive();

const responseSchema = z.object({
  access_token: z.string().min(1),
  scope: z.string().optional(),
  expires_in: seconds.optional(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: seconds.optional(),
});

/**
 * Parses a response of the token endpoint. Returns `null` when it contains no token.
 *
 * @param requestedAt epoch milliseconds before the request was sent, so that the computed expiry is never too late
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
 */
export function parseIssuedToken(data: unknown, requestedAt: number): IssuedToken | null {
  const parsed = responseSchema.safeParse(data);
  if (!parsed.success) return null;
  const { access_token, scope, expires_in, refresh_token, refresh_token_expires_in } = parsed.data;
  const after = (lifetime: number | undefined): Date | null =>
    lifetime === undefined ? null : new Date(requestedAt + lifetime * 1000);
  return {
    accessToken: new Secret(access_token),
    accessTokenExpiresAt: after(expires_in),
    refreshToken: refresh_token === undefined ? null : new Secret(refresh_token),
    refreshTokenExpiresAt: after(refresh_token_expires_in),
    scopes: scope === undefined ? null : parseScopes(scope),
  };
}

/** Parses a list of scopes: separated by commas in token responses, by commas and spaces in `X-OAuth-Scopes`. */
export function parseScopes(list: string): readonly string[] {
  return list.split(/[\s,]+/).filter((scope) => scope !== "");
}
