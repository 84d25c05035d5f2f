import * as z from "zod";
import { appManifest, isLoopback, manifestFormUrl } from "../app/app-manifest.js";
import { type CreatedApp, convertManifest } from "../app/created-app.js";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubSdk } from "../github-sdk.js";
import { createdPage, manifestPage } from "./app-manifest-page.js";
import type { AppSetup } from "./app-setup.js";
import { bindBrowser, readBrowserCookie } from "./browser-cookie.js";
import { bearerToken } from "./calling-user.js";
import { configuredRedirectUri } from "./configured-redirect-uri.js";
import type { HttpRequest } from "./http-message.js";
import type { HttpSettings } from "./http-options.js";
import { optional, repositoryOwner, returnedState } from "./request-fields.js";
import { defineRoute, type Route } from "./route.js";

const tag = "GitHub App";
const CALLBACK = "/auth/callback";

const manifest = defineRoute({
  method: "GET",
  path: "/app/manifest",
  operationId: "getAppManifestPage",
  tag,
  summary: "Show an operator a page that creates a GitHub App for this host",
  auth: "browser",
  input: {
    query: z.object({
      organization: optional(repositoryOwner.describe("The organization that will own the App. Defaults to the user")),
      operator_token: optional(
        z.string().min(1).max(1_000).describe("The operator's token, where no header can be set"),
      ),
    }),
  },
  response: z.undefined(),
  produces: "html",
  errors: [403, 422, 501],
  async handle({ sdk, query, request, basePath, settings }) {
    const setup = requireSetup(settings);
    await requireOperator(setup, request, `${basePath}/app/manifest`, query.operator_token ?? null);
    const { binding, headers } = bindBrowser(request, settings);
    const endpoints = `${originOf(sdk, request, settings, basePath)}${basePath}`;
    const app = appManifest({
      ...setup.manifest,
      url: setup.manifest.url ?? new URL(endpoints).origin,
      endpoints,
      ...defined({ callbackUrls: callbackUrls(sdk), webhookUrl: reachable(`${endpoints}/webhook`, sdk) }),
    });
    const state = settings.manifestStates.begin(binding.hash);
    const action = manifestFormUrl(sdk.serverUrl, defined({ organization: query.organization, state }));
    const page = manifestPage(app, action, query.organization ?? null);
    return { ...page, headers: { ...page.headers, ...headers } };
  },
});

const callback = defineRoute({
  method: "GET",
  path: "/app/manifest/callback",
  operationId: "completeAppManifest",
  tag,
  summary: "Receive GitHub's redirect after an App was created, and store its credentials in the host",
  auth: "browser",
  input: { query: z.object({ code: z.string().min(1).max(1_000), state: returnedState }) },
  response: z.undefined(),
  produces: "html",
  errors: [400, 422, 501],
  async handle({ sdk, query: { code, state }, request, settings }) {
    const setup = requireSetup(settings);
    if (!settings.manifestStates.take(state, readBrowserCookie(request, settings))) {
      throw new GitHubSdkError(
        "invalid_state",
        "The state is unknown, was already used, has expired after 10 minutes, or belongs to another browser. Open the manifest page again.",
      );
    }
    const app = await convertManifest({ code, apiUrl: sdk.apiUrl, clock: sdk.clock, signal: request.signal });
    await save(setup, app);
    return createdPage(app);
  },
});

/** The pages that create a GitHub App from a manifest. */
export const appManifestRoutes: readonly Route[] = [manifest, callback];

function requireSetup({ appSetup }: HttpSettings): AppSetup {
  if (appSetup !== null) return appSetup;
  throw new GitHubSdkError(
    "capability_not_configured",
    "This host does not create GitHub Apps. Set the options saveApp and authorizeOperator.",
  );
}

async function requireOperator(
  { authorizeOperator }: AppSetup,
  { method, headers, raw }: HttpRequest,
  path: string,
  token: string | null,
): Promise<void> {
  const bearer = token ?? bearerToken(headers.authorization);
  if (await authorizeOperator({ method, path, headers, bearerToken: bearer, raw })) return;
  throw new GitHubSdkError("insufficient_permissions", "Only an operator of this host can create its GitHub App.");
}

/** @throws GitHubSdkError `store_failed` */
async function save({ saveApp }: AppSetup, app: CreatedApp): Promise<void> {
  try {
    await saveApp(app);
  } catch (cause) {
    throw new GitHubSdkError(
      "store_failed",
      `The App ${app.name} exists on GitHub, but this host could not store its credentials. Delete the App at ${app.htmlUrl}, and create it again.`,
      { cause },
    );
  }
}

/** Returns the origin at which browsers and GitHub reach this host. */
function originOf(sdk: GitHubSdk, request: HttpRequest, { publicUrl }: HttpSettings, basePath: string): string {
  if (publicUrl !== null) return publicUrl;
  const redirectUri = configuredRedirectUri(sdk);
  if (redirectUri?.endsWith(`${basePath}${CALLBACK}`) === true) return new URL(redirectUri).origin;
  const origin = `${request.isSecure ? "https" : "http"}://${request.headers.host ?? ""}`;
  if (URL.canParse(origin) && new URL(origin).origin === origin.toLowerCase()) return origin;
  throw new GitHubSdkError("validation_failed", "The request names no host. Set the option publicUrl.");
}

function callbackUrls(sdk: GitHubSdk): readonly string[] | undefined {
  const redirectUri = configuredRedirectUri(sdk);
  return redirectUri === null ? undefined : [redirectUri];
}

/** Returns `null` for a webhook that GitHub rejects because it is not on this machine. */
function reachable(webhook: string, { serverUrl }: GitHubSdk): string | null {
  return isLoopback(webhook) && !isLoopback(serverUrl) ? null : webhook;
}
