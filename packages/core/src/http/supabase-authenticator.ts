import type { Authenticator } from "../adapters/authenticator.js";
import { type JwtAuthenticatorOptions, jwtAuthenticator } from "./jwt-authenticator.js";

/**
 * The options of {@link supabaseAuthenticator}. Exactly one of `jwtSecret` and `jwksUrl` is required.
 *
 * `jwtSecret` is the project's legacy JWT secret from its settings. `jwksUrl` is
 * `https://PROJECT.supabase.co/auth/v1/.well-known/jwks.json`. `audience` defaults to `authenticated`.
 */
export type SupabaseAuthenticatorOptions = JwtAuthenticatorOptions;

/**
 * Creates an authenticator for the access tokens of Supabase Auth: {@link jwtAuthenticator} with the audience of signed-in users.
 *
 * @throws GitHubSdkError `invalid_options` that names the option and how to fix it
 * @see https://supabase.com/docs/guides/auth/jwts
 */
export function supabaseAuthenticator(options: SupabaseAuthenticatorOptions): Authenticator {
  return jwtAuthenticator({ ...options, audience: options.audience ?? "authenticated" });
}
