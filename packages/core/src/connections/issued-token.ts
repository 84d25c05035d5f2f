import { z } from "zod";
import { Secret } from "../secret.js";

/** What GitHub issued for one authorization or refresh. Formats and lengths are GitHub's affair. */
export interface IssuedToken {
  readonly accessToken: Secret;
  /** `null` for tokens that do not expire. */
  readonly accessTokenExpiresAt: Date | null;
  readonly refreshToken: Secret | null;
  readonly refreshTokenExpiresAt: Date | null;
  /** The scopes that were granted; `null` when the answer does not say. */
  readonly scopes: readonly string[] | null;
}

const seconds = z.number().positive();

const answerSchema = z.object({
  access_token: z.string().min(1),
  scope: z.string().optional(),
  expires_in: seconds.optional(),
  refresh_token: z.string().min(1).optional(),
  refresh_token_expires_in: seconds.optional(),
});

/**
 * Reads an answer of the token endpoint; `null` for one that holds no token.
 *
 * @param askedAt epoch milliseconds before the request was sent: a token never lives longer than is believed here
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
 */
export function parseIssuedToken(data: unknown, askedAt: number): IssuedToken | null {
  const parsed = answerSchema.safeParse(data);
  if (!parsed.success) return null;
  const { access_token, scope, expires_in, refresh_token, refresh_token_expires_in } = parsed.data;
  const after = (lifetime: number | undefined): Date | null =>
    lifetime === undefined ? null : new Date(askedAt + lifetime * 1000);
  return {
    accessToken: new Secret(access_token),
    accessTokenExpiresAt: after(expires_in),
    refreshToken: refresh_token === undefined ? null : new Secret(refresh_token),
    refreshTokenExpiresAt: after(refresh_token_expires_in),
    scopes: scope === undefined ? null : parseScopes(scope),
  };
}

/** The scopes of a list as GitHub writes it: commas in the token's answer, commas and spaces in `X-OAuth-Scopes`. */
export function parseScopes(list: string): readonly string[] {
  return list.split(/[\s,]+/).filter((scope) => scope !== "");
}
