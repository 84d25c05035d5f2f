import * as z from "zod";
import { type Clock, systemClock } from "../adapters/clock.js";
import { defined } from "../defined.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { errorFromResponse, unavailableError } from "../github/error-mapping.js";
import { createGitHubFetch } from "../github/github-fetch.js";
import { parseResponse } from "../github/parse-response.js";
import { withoutTrailingSlash } from "../github/web-address.js";

/** A GitHub App that was created from a manifest, with its credentials. Store it as carefully as a password. */
export interface CreatedApp {
  readonly appId: number;
  /** The last part of `https://github.com/apps/SLUG`. */
  readonly slug: string;
  readonly name: string;
  /** The address of the App's page. */
  readonly htmlUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `null` for an App without a webhook. */
  readonly webhookSecret: string | null;
  /** PEM (PKCS#1). */
  readonly privateKey: string;
}

/** A request for the credentials of an App that was created from a manifest. */
export interface ConvertManifestRequest {
  /** The code of GitHub's redirect. It works once, within one hour. */
  readonly code: string;
  /** The API's base URL. Defaults to `https://api.github.com`. */
  readonly apiUrl?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;
const ROUTE = "/app-manifests/{code}/conversions";

const createdSchema = z.object({
  id: z.int().positive(),
  slug: z.string().min(1),
  name: z.string(),
  html_url: z.url({ protocol: /^https?$/ }),
  client_id: z.string().min(1),
  client_secret: z.string().min(1),
  webhook_secret: z.string().min(1).nullish().default(null),
  pem: z.string().includes("PRIVATE KEY"),
});

/**
 * Exchanges the code of a manifest for the App's credentials.
 *
 * @throws GitHubSdkError `oauth_failed` for a code that is unknown, used or expired; `github_unavailable`, `github_timeout`; the
 * signal's reason
 * @see https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest
 */
export async function convertManifest({
  code,
  apiUrl = "https://api.github.com",
  clock = systemClock,
  signal,
}: ConvertManifestRequest): Promise<CreatedApp> {
  const url = `${withoutTrailingSlash(apiUrl)}${ROUTE.replace("{code}", encodeURIComponent(code))}`;
  const headers = { accept: "application/vnd.github+json", "user-agent": "infrajet-github" };
  const request = { method: "POST", headers, ...defined({ signal }) };
  const received = await createGitHubFetch(clock, TIMEOUT_MS)(url, request).catch((error: unknown) => {
    if (isGitHubSdkError(error)) throw error;
    signal?.throwIfAborted();
    throw unavailableError(error);
  });
  const response = {
    status: received.status,
    headers: Object.fromEntries(received.headers),
    data: await received.json().catch(() => null),
  };
  // GitHub responds with 404 to unknown, used and expired codes, and with 422 to malformed ones.
  if (response.status === 404 || response.status === 422) {
    throw new GitHubSdkError(
      "oauth_failed",
      "GitHub does not know the code: it was already used, or has expired after one hour. Create the App again.",
    );
  }
  if (response.status !== 201)
    throw errorFromResponse(response, { method: "POST", route: ROUTE, touchesWorkflows: false });
  const created = parseResponse(createdSchema, response);
  return {
    appId: created.id,
    slug: created.slug,
    name: created.name,
    htmlUrl: created.html_url,
    clientId: created.client_id,
    clientSecret: created.client_secret,
    webhookSecret: created.webhook_secret,
    privateKey: created.pem,
  };
}

/** Returns the environment variables of an App, as `optionsFromEnv` reads them. Newlines of the key are written as `\n`. */
export function appEnvironment(app: CreatedApp): Readonly<Record<string, string>> {
  return {
    GITHUB_APP_ID: String(app.appId),
    GITHUB_APP_NAME: app.slug,
    GITHUB_PRIVATE_KEY: app.privateKey.trim().replaceAll(/\r?\n/g, "\\n"),
    ...defined({ GITHUB_WEBHOOK_SECRET: app.webhookSecret ?? undefined }),
    GITHUB_CLIENT_ID: app.clientId,
    GITHUB_CLIENT_SECRET: app.clientSecret,
  };
}
