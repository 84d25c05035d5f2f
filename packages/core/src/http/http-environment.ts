import * as z from "zod";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import { issueText } from "../issue-text.js";
import type { GitHubHttpOptions } from "./http-options.js";
import { supabaseAuthenticator } from "./supabase-authenticator.js";

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();

const variables = z.object({
  SUPABASE_JWT_SECRET: text.refine(
    (value) => value === undefined || value.length >= 32,
    "must have at least 32 characters. Copy it from Project Settings, JWT Keys in Supabase",
  ),
  SUPABASE_JWKS_URL: text.refine(
    (value) => value === undefined || (/^https?:\/\//.test(value) && URL.canParse(value)),
    "must be a URL that begins with https:// or http://",
  ),
  SUPABASE_JWT_AUDIENCE: text,
  AFTER_CONNECT_URL: text.refine(
    (value) => value === undefined || /^(https?:\/\/|\/(?![/\\]))/.test(value),
    "must be a URL that begins with https:// or http://, or a path on this host that begins with /",
  ),
  SYNC_WAIT_SECONDS: text.refine(
    (value) => value === undefined || (/^\d{1,3}$/.test(value) && Number(value) <= 600),
    "must be a number of seconds from 0 to 600",
  ),
  SECURE_COOKIE: text.refine((value) => value === undefined || /^(true|false)$/.test(value), "must be true or false"),
  ALLOWED_ORIGINS: text.refine(
    (value) => originsIn(value).every((origin) => URL.canParse(origin) && new URL(origin).origin === origin),
    "must be origins such as https://app.example, separated by commas",
  ),
});

/** The options of the endpoints that environment variables can set. */
export type HttpEnvironmentOptions = Pick<
  GitHubHttpOptions,
  "authenticator" | "afterConnectUrl" | "syncWaitSeconds" | "secureCookie" | "allowedOrigins"
>;

/**
 * Reads the options of the endpoints from environment variables. An empty variable counts as unset.
 *
 * `SUPABASE_JWT_SECRET` or `SUPABASE_JWKS_URL` verifies bearer tokens, with the audience `SUPABASE_JWT_AUDIENCE` (defaults to
 * `authenticated`). `AFTER_CONNECT_URL` is the page to show after a login, `SYNC_WAIT_SECONDS` the longest wait for a sync.
 * `SECURE_COOKIE` (`true` or `false`) and `ALLOWED_ORIGINS` (separated by commas) set the options of the same names.
 *
 * @throws GitHubSdkError `invalid_options` naming the variable, never its value
 */
export function httpOptionsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): HttpEnvironmentOptions {
  const parsed = variables.safeParse(env);
  if (!parsed.success) throw new GitHubSdkError("invalid_options", `${issueText(parsed.error.issues, "env")}.`);
  const { SUPABASE_JWT_SECRET, SUPABASE_JWKS_URL, SUPABASE_JWT_AUDIENCE, AFTER_CONNECT_URL, SYNC_WAIT_SECONDS } =
    parsed.data;
  const { SECURE_COOKIE, ALLOWED_ORIGINS } = parsed.data;
  assertOneKey(SUPABASE_JWT_SECRET, SUPABASE_JWKS_URL);
  return defined({
    authenticator: supabaseAuthenticator(
      defined({
        jwtSecret: SUPABASE_JWT_SECRET,
        jwksUrl: SUPABASE_JWKS_URL,
        audience: SUPABASE_JWT_AUDIENCE,
      }),
    ),
    afterConnectUrl: AFTER_CONNECT_URL,
    syncWaitSeconds: SYNC_WAIT_SECONDS === undefined ? undefined : Number(SYNC_WAIT_SECONDS),
    secureCookie: SECURE_COOKIE === undefined ? undefined : SECURE_COOKIE === "true",
    allowedOrigins: ALLOWED_ORIGINS === undefined ? undefined : originsIn(ALLOWED_ORIGINS),
  });
}

function originsIn(text = ""): readonly string[] {
  return text
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
}

function assertOneKey(secret: string | undefined, keysUrl: string | undefined): void {
  if (secret !== undefined && keysUrl !== undefined) {
    throw new GitHubSdkError(
      "invalid_options",
      "SUPABASE_JWT_SECRET cannot be combined with SUPABASE_JWKS_URL. Unset one of them.",
    );
  }
  if (secret === undefined && keysUrl === undefined) {
    throw new GitHubSdkError(
      "invalid_options",
      "SUPABASE_JWT_SECRET is missing. Set it to the secret that signs your users' tokens, or set SUPABASE_JWKS_URL. For other sessions, pass an `authenticator` of your own instead.",
    );
  }
}
