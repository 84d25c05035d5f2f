import * as z from "zod";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import { withoutTrailingSlash } from "../github/web-address.js";
import { issueText } from "../issue-text.js";
import { ORGANIZATION_PERMISSIONS, REPOSITORY_PERMISSIONS } from "./app-permissions.js";

/** The parts of a manifest that differ between hosts. */
export interface AppManifestOptions {
  /** The App's name, at most 34 characters. Defaults to a name that the user chooses on GitHub. */
  readonly name?: string;
  /** The address of the product, which users of the App see. */
  readonly url: string;
  /** The base URL of the mounted endpoints, such as `https://api.example.com/api/v1/github`. */
  readonly endpoints?: string;
  /** The URL to which GitHub sends the code for the App's credentials. Defaults to `{endpoints}/app/manifest/callback`. */
  readonly redirectUrl?: string;
  /** The callback URLs of users' authorizations, at most 10. Defaults to `{endpoints}/auth/callback`. */
  readonly callbackUrls?: readonly string[];
  /** The URL of the webhook; `null` for an App without one. Defaults to `{endpoints}/webhook`. */
  readonly webhookUrl?: string | null;
  /** The page to show after an installation. GitHub shows none when installations request user authorization, the default. */
  readonly setupUrl?: string;
  readonly description?: string;
  /** True for an App that any account can install. Defaults to false: only its owner. */
  readonly public?: boolean;
}

/**
 * The manifest of a GitHub App, as GitHub accepts it in the form field `manifest`.
 *
 * @see https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters
 */
export interface AppManifest {
  readonly name?: string;
  readonly url: string;
  readonly hook_attributes?: { readonly url: string; readonly active: boolean };
  readonly redirect_url?: string;
  readonly callback_urls: readonly string[];
  readonly setup_url?: string;
  readonly description?: string;
  readonly public: boolean;
  readonly default_events: readonly string[];
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly request_oauth_on_install: boolean;
}

const EVENTS = ["push", "repository", "organization"];

const url = z
  .url({ protocol: /^https?$/, error: "must be a URL that begins with https:// or http://" })
  .max(2_000, "must have at most 2,000 characters");
const options = z.object({
  name: z.string().trim().min(1).max(34, "must have at most 34 characters").optional(),
  url,
  endpoints: url.transform(withoutTrailingSlash).optional(),
  redirectUrl: url.optional(),
  callbackUrls: z.array(url).max(10, "must have at most 10 items").optional(),
  webhookUrl: url.nullable().optional(),
  setupUrl: url.optional(),
  description: z.string().max(1_000, "must have at most 1,000 characters").optional(),
  public: z.boolean().default(false),
});

/**
 * Returns the manifest of a GitHub App with all permissions and events that the SDK uses.
 *
 * @throws GitHubSdkError `validation_failed` naming the option
 */
export function appManifest(given: AppManifestOptions): AppManifest {
  const parsed = options.safeParse(given);
  if (!parsed.success) {
    throw new GitHubSdkError("validation_failed", `${issueText(parsed.error.issues, "The manifest")}.`);
  }
  const { endpoints, webhookUrl, setupUrl, ...asked } = parsed.data;
  const below = (path: string): string | undefined => (endpoints === undefined ? undefined : `${endpoints}${path}`);
  const hook = webhookUrl === undefined ? below("/webhook") : webhookUrl;
  const callback = below("/auth/callback");
  return {
    ...defined({
      name: asked.name,
      description: asked.description,
      redirect_url: asked.redirectUrl ?? below("/app/manifest/callback"),
      setup_url: setupUrl,
      hook_attributes: hook == null ? undefined : { url: hook, active: true },
    }),
    url: asked.url,
    callback_urls: asked.callbackUrls ?? (callback === undefined ? [] : [callback]),
    public: asked.public,
    // GitHub sends events to the webhook only.
    default_events: hook == null ? [] : EVENTS,
    default_permissions: { ...REPOSITORY_PERMISSIONS, ...ORGANIZATION_PERMISSIONS },
    // GitHub allows either a set-up page or the authorization, whose callback proves who installed the App.
    request_oauth_on_install: setupUrl === undefined,
  };
}

/**
 * Returns the address to which a browser posts a manifest, in the form field `manifest`.
 *
 * @param serverUrl GitHub's web address, such as `https://github.com`
 * @param options `organization`: the login of the App's owner, by default the user; `state`: returned with the code
 */
export function manifestFormUrl(
  serverUrl: string,
  { organization, state }: { readonly organization?: string; readonly state: string },
): string {
  const owner = organization === undefined ? "" : `/organizations/${encodeURIComponent(organization)}`;
  return `${withoutTrailingSlash(serverUrl)}${owner}/settings/apps/new?${new URLSearchParams({ state })}`;
}

/**
 * Returns true for a URL that only this machine can reach: GitHub rejects such a webhook.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/.test(new URL(address).hostname);
}
