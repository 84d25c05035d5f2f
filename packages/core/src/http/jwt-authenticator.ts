import { createRemoteJWKSet, errors, type JWTVerifyOptions, jwtVerify } from "jose";
import * as z from "zod";
import type { Authenticator } from "../adapters/authenticator.js";
import { type Clock, systemClock } from "../adapters/clock.js";
import { defined } from "../defined.js";
import type { HostUser } from "../domain/host-user.js";
import { GitHubSdkError } from "../errors.js";
import { issueText } from "../issue-text.js";

/**
 * The options of {@link jwtAuthenticator}. Exactly one of `jwtSecret` and `jwksUrl` is required, and at least one of `audience`
 * and `issuer`, so that tokens for other services are not accepted.
 */
export interface JwtAuthenticatorOptions {
  /** The secret that signs the tokens, of at least 32 characters. Verifies tokens signed with HS256. */
  readonly jwtSecret?: string;
  /** The URL of the issuer's public keys (JWKS). Verifies tokens signed with RS256, ES256 or EdDSA. */
  readonly jwksUrl?: string;
  /** The required `aud`. Defaults to any audience. */
  readonly audience?: string;
  /** The required `iss`. Defaults to any issuer. */
  readonly issuer?: string;
  readonly clock?: Clock;
}

const optionsSchema = z
  .object({
    jwtSecret: z.string().min(32, "must have at least 32 characters").optional(),
    jwksUrl: z.url({ protocol: /^https?$/, error: "must be a URL that starts with https:// or http://" }).optional(),
    audience: z.string().min(1).optional(),
    issuer: z.string().min(1).optional(),
  })
  .refine(({ jwtSecret, jwksUrl }) => (jwtSecret === undefined) !== (jwksUrl === undefined), {
    message: "pass exactly one of jwtSecret and jwksUrl",
  })
  .refine(({ audience, issuer }) => audience !== undefined || issuer !== undefined, {
    message: "pass audience, issuer or both, so that tokens for other services are not accepted",
  });

const KEY_SERVER_TIMEOUT = 5_000;
const COMPACT_TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The error codes of jose for an invalid token. All others mean that the token could not be verified. */
const INVALID_TOKEN: ReadonlySet<string> = new Set([
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
 * Creates an authenticator for bearer tokens that are JSON Web Tokens; `sub` is the user's id. A token is valid with a correct
 * signature of the configured algorithm, the required audience and issuer, and an `exp` in the future.
 *
 * @throws GitHubSdkError `invalid_options` that names the option and how to fix it
 * @see https://www.rfc-editor.org/rfc/rfc8725
 */
export function jwtAuthenticator(options: JwtAuthenticatorOptions): Authenticator {
  const verify = verifierOf(options);
  return {
    async authenticate({ bearerToken }) {
      if (bearerToken === null || !COMPACT_TOKEN.test(bearerToken)) return null;
      return verify(bearerToken);
    },
  };
}

function verifierOf(options: JwtAuthenticatorOptions): (token: string) => Promise<HostUser | null> {
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) {
    const problems = issueText(parsed.error.issues, "options");
    throw new GitHubSdkError("invalid_options", `The options of the authenticator are not valid. ${problems}.`);
  }
  const { jwtSecret, jwksUrl, audience, issuer } = parsed.data;
  const clock = options.clock ?? systemClock;
  const rules = defined({ audience, requiredClaims: ["exp", "sub"], issuer });
  const verify = jwksUrl === undefined ? bySecret(jwtSecret ?? "") : byPublishedKeys(jwksUrl);
  return async (token) => {
    try {
      const { payload } = await verify(token, { ...rules, currentDate: new Date(clock.now()) });
      // Claims are not typed: an id that is not a string identifies no user.
      if (typeof payload.sub !== "string" || payload.sub === "") return null;
      return { id: payload.sub, ...defined({ expiresAt: payload.exp === undefined ? undefined : payload.exp * 1000 }) };
    } catch (error) {
      if (error instanceof errors.JOSEError && INVALID_TOKEN.has(error.code)) return null;
      throw new GitHubSdkError("internal_error", "Tokens cannot be verified right now. Try again later.", {
        cause: error,
      });
    }
  };
}

type Verify = (token: string, rules: JWTVerifyOptions) => ReturnType<typeof jwtVerify>;

function bySecret(secret: string): Verify {
  // Imported once; jose would import it for each token.
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = crypto.subtle.importKey("raw", Buffer.from(secret, "utf8"), algorithm, false, ["verify"]);
  return async (token, rules) => jwtVerify(token, await key, { ...rules, algorithms: ["HS256"] });
}

function byPublishedKeys(url: string): Verify {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: KEY_SERVER_TIMEOUT });
  return (token, rules) => jwtVerify(token, keys, { ...rules, algorithms: ["RS256", "ES256", "EdDSA"] });
}
