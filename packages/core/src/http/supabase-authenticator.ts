import { createRemoteJWKSet, errors, type JWTVerifyOptions, jwtVerify } from "jose";
import { z } from "zod";
import type { Authenticator } from "../adapters/authenticator.js";
import { type Clock, systemClock } from "../adapters/clock.js";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";

/** How tokens of a Supabase project are verified: by its JWT secret, or by the keys that it publishes. */
export interface SupabaseAuthenticatorOptions {
  /** The project's legacy JWT secret, as its settings show it. Tokens are signed with HS256 then. */
  readonly jwtSecret?: string;
  /** `https://PROJECT.supabase.co/auth/v1/.well-known/jwks.json`. Tokens are signed with RS256, ES256 or EdDSA then. */
  readonly jwksUrl?: string;
  /** What `aud` has to be: `authenticated` unless told. */
  readonly audience?: string;
  /** What `iss` has to be, such as `https://PROJECT.supabase.co/auth/v1`; anything unless told. */
  readonly issuer?: string;
  readonly clock?: Clock;
}

const optionsSchema = z
  .object({
    jwtSecret: z.string().min(32, "has 32 characters at least").optional(),
    jwksUrl: z.url({ protocol: /^https?$/, error: "has to be a URL that begins with https:// or http://" }).optional(),
    audience: z.string().min(1).default("authenticated"),
    issuer: z.string().min(1).optional(),
  })
  .refine(({ jwtSecret, jwksUrl }) => (jwtSecret === undefined) !== (jwksUrl === undefined), {
    message: "give one of jwtSecret and jwksUrl",
  });

const KEY_SERVER_TIMEOUT = 5_000;
const COMPACT_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** What jose says of a token that proves nobody. All else says that nothing could be verified. */
const PROVES_NOBODY: ReadonlySet<string> = new Set([
  errors.JWSInvalid.code,
  errors.JWTInvalid.code,
  errors.JWSSignatureVerificationFailed.code,
  errors.JWTClaimValidationFailed.code,
  errors.JWTExpired.code,
  errors.JOSEAlgNotAllowed.code,
  errors.JOSENotSupported.code,
  errors.JWKSNoMatchingKey.code,
  errors.JWKSMultipleMatchingKeys.code,
]);

/**
 * Knows users by the access tokens of Supabase Auth: `sub` is the user's id. A token counts with the right signature by the
 * configured algorithm, the right audience, and until its `exp`, which it has to have.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend
 * @see https://supabase.com/docs/guides/auth/jwts
 */
export function supabaseAuthenticator(options: SupabaseAuthenticatorOptions): Authenticator {
  const verify = verifierOf(options);
  return {
    async authenticate({ bearerToken }) {
      if (bearerToken === null || !COMPACT_TOKEN.test(bearerToken)) return null;
      const sub = await verify(bearerToken);
      return sub === null || sub === "" ? null : { id: sub };
    },
  };
}

function verifierOf(options: SupabaseAuthenticatorOptions): (token: string) => Promise<string | null> {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const words = parsed.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
    throw new GitHubSdkError("invalid_options", `supabaseAuthenticator: ${words}.`);
  }
  const { jwtSecret, jwksUrl, audience, issuer } = parsed.data;
  const clock = options.clock ?? systemClock;
  const rules = defined({ audience, requiredClaims: ["exp", "sub"], issuer });
  const verify = jwksUrl === undefined ? bySecret(jwtSecret ?? "") : byPublishedKeys(jwksUrl);
  return async (token) => {
    try {
      const { payload } = await verify(token, { ...rules, currentDate: new Date(clock.now()) });
      // A token may say anything in its claims; an id of the wrong kind is somebody else's or nobody's.
      return typeof payload.sub === "string" ? payload.sub : null;
    } catch (error) {
      if (error instanceof errors.JOSEError && PROVES_NOBODY.has(error.code)) return null;
      throw new GitHubSdkError("internal_error", "Tokens cannot be verified at the moment. Try again later.", {
        cause: error,
      });
    }
  };
}

type Verify = (token: string, rules: JWTVerifyOptions) => ReturnType<typeof jwtVerify>;

function bySecret(secret: string): Verify {
  // Imported here, and not by jose for every token anew.
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = crypto.subtle.importKey("raw", Buffer.from(secret, "utf8"), algorithm, false, ["verify"]);
  return async (token, rules) => jwtVerify(token, await key, { ...rules, algorithms: ["HS256"] });
}

function byPublishedKeys(url: string): Verify {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: KEY_SERVER_TIMEOUT });
  return (token, rules) => jwtVerify(token, keys, { ...rules, algorithms: ["RS256", "ES256", "EdDSA"] });
}
