import * as z from "zod";
import type { GitHubAppOptions, OAuthAppOptions } from "./app-options.js";
import { defined } from "./defined.js";
import { GitHubSdkError } from "./errors.js";
import { issueText } from "./issue-text.js";
import type { GitHubSdkOptions } from "./options.js";

const text = z
  .string()
  .trim()
  .transform((value) => (value === "" ? undefined : value))
  .optional();

const url = text.refine(
  (value) => value === undefined || (/^https?:\/\//.test(value) && URL.canParse(value)),
  "must be a URL that begins with https:// or http://",
);

const variables = z.object({
  GITHUB_API_URL: url,
  GITHUB_SERVER_URL: url,
  GITHUB_CLIENT_ID: text,
  GITHUB_CLIENT_SECRET: text,
  GITHUB_REDIRECT_URI: url,
  GITHUB_OAUTH_CLIENT_ID: text,
  GITHUB_OAUTH_CLIENT_SECRET: text,
  GITHUB_OAUTH_SCOPES: text,
  GITHUB_APP_ID: text.refine(
    (value) => value === undefined || /^[1-9]\d*$/.test(value),
    "must be the numeric App ID from the App's settings page",
  ),
  GITHUB_APP_NAME: text.refine(
    (value) => value === undefined || /^[a-z0-9][a-z0-9-]*$/i.test(value),
    "must be the App's slug, the last part of https://github.com/apps/SLUG",
  ),
  GITHUB_PRIVATE_KEY: text,
  GITHUB_WEBHOOK_SECRET: text,
  GITHUB_TOKEN_ENCRYPTION_KEYS: text,
  NODE_ENV: text,
});

/** The options that environment variables can set. Spread them into the options of {@link createGitHubSdk}. */
export type EnvironmentOptions = Pick<
  GitHubSdkOptions,
  "apiUrl" | "serverUrl" | "oauth" | "app" | "redirectUri" | "encryptionKeys"
>;

type Variables = z.infer<typeof variables>;

/** The values of `NODE_ENV` that accept unsigned webhooks while no secret is set. */
const UNSIGNED_IN: ReadonlySet<string | undefined> = new Set(["development", "test"]);

const APP_VARIABLES = ["GITHUB_PRIVATE_KEY", "GITHUB_APP_NAME", "GITHUB_WEBHOOK_SECRET"] as const;

/**
 * Reads the options of the OAuth App, the GitHub App and GitHub's addresses from environment variables. An empty variable
 * counts as unset.
 *
 * `GITHUB_CLIENT_ID` is the client of the GitHub App when `GITHUB_APP_ID` is set, otherwise of an OAuth App.
 * `GITHUB_OAUTH_CLIENT_ID` adds an OAuth App beside the GitHub App. Without `GITHUB_WEBHOOK_SECRET`, unsigned webhooks are
 * accepted when `NODE_ENV` is `development` or `test`, and rejected otherwise.
 *
 * @throws GitHubSdkError `invalid_options` naming the variable, never its value
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): EnvironmentOptions {
  const parsed = variables.safeParse(env);
  if (!parsed.success) {
    throw new GitHubSdkError("invalid_options", `${issueText(parsed.error.issues, "environment")}.`);
  }
  const given = parsed.data;
  const oauth = oauthOptions(given);
  const app = appOptions(given);
  return defined({
    apiUrl: given.GITHUB_API_URL,
    serverUrl: given.GITHUB_SERVER_URL,
    redirectUri: given.GITHUB_REDIRECT_URI,
    encryptionKeys: given.GITHUB_TOKEN_ENCRYPTION_KEYS,
    oauth: oauth ?? undefined,
    app: app ?? undefined,
  });
}

function oauthOptions(given: Variables): OAuthAppOptions | null {
  const separate = client(given, "GITHUB_OAUTH_CLIENT_ID", "GITHUB_OAUTH_CLIENT_SECRET");
  const own = given.GITHUB_APP_ID === undefined ? client(given, "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET") : null;
  const oauth = separate ?? own;
  return oauth === null ? null : defined({ ...oauth, scopes: scopesOf(given) });
}

function scopesOf({ GITHUB_OAUTH_SCOPES: list }: Variables): readonly string[] | undefined {
  return list
    ?.split(",")
    .map((scope) => scope.trim())
    .filter(Boolean);
}

function appOptions(given: Variables): GitHubAppOptions | null {
  const { GITHUB_APP_ID: appId, GITHUB_APP_NAME: slug, GITHUB_PRIVATE_KEY: privateKey } = given;
  if (appId === undefined) {
    const orphan = APP_VARIABLES.find((name) => given[name] !== undefined);
    if (orphan !== undefined) throw missing("GITHUB_APP_ID", orphan);
    return null;
  }
  if (privateKey === undefined) throw missing("GITHUB_PRIVATE_KEY", "GITHUB_APP_ID");
  const own = client(given, "GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET");
  const webhookSecrets = given.GITHUB_WEBHOOK_SECRET?.split(",")
    .map((secret) => secret.trim())
    .filter(Boolean);
  const takesUnsigned = (webhookSecrets ?? []).length === 0 && UNSIGNED_IN.has(given.NODE_ENV);
  return defined({
    appId: Number(appId),
    privateKey,
    slug,
    ...own,
    webhookSecrets,
    allowUnsignedWebhooks: takesUnsigned || undefined,
  });
}

function client(
  given: Variables,
  id: "GITHUB_CLIENT_ID" | "GITHUB_OAUTH_CLIENT_ID",
  secret: "GITHUB_CLIENT_SECRET" | "GITHUB_OAUTH_CLIENT_SECRET",
): { readonly clientId: string; readonly clientSecret: string } | null {
  const [clientId, clientSecret] = [given[id], given[secret]];
  if (clientId === undefined && clientSecret === undefined) return null;
  if (clientId === undefined) throw missing(id, secret);
  if (clientSecret === undefined) throw missing(secret, id);
  return { clientId, clientSecret };
}

function missing(absent: string, given: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", `${absent} is missing. It is required together with ${given}.`);
}
