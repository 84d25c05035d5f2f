import * as z from "zod";
import { defined } from "../defined.js";
import { GitHubSdkError } from "../errors.js";
import { bindBrowser, readBrowserCookie } from "./browser-cookie.js";
import { callbackLocation } from "./callback-location.js";
import {
  authResponseSchema,
  connectionStatusSchema,
  disconnectResponseSchema,
  repositoryListSchema,
  repositorySchema,
  toAuthorizationResponse,
  toConnectionStatusResponse,
  toDisconnectResponse,
  toProfileResponse,
  toRepositoryListResponse,
  toRepositoryResponse,
  userProfileSchema,
} from "./connection-wire.js";
import {
  chosenState,
  installationId,
  optional,
  queryNumber,
  repositoryName,
  repositoryOwner,
  returnedState,
  withDefault,
} from "./request-fields.js";
import { defineRoute, type Route } from "./route.js";
import { named } from "./wire-value.js";

const tag = "Connection";
const optionalText = z.string().max(1_000).optional().catch(undefined);

const login = defineRoute({
  method: "GET",
  path: "/auth/login",
  operationId: "beginAuthorization",
  tag,
  summary: "Start connecting the user's GitHub account; send the browser to the returned URL",
  auth: "user",
  input: { query: z.object({ state: optional(chosenState), client: optional(z.enum(["oauth", "app"])) }) },
  response: authResponseSchema,
  errors: [422, 501],
  async handle({ sdk, user, query, request, settings }) {
    const { binding, headers } = bindBrowser(request, settings);
    const { state, client } = query;
    const begun = await sdk.connections.authorize(defined({ userId: user.id, browser: binding.hash, state, client }));
    return { headers, body: toAuthorizationResponse(begun) };
  },
});

const callback = defineRoute({
  method: "POST",
  path: "/auth/callback",
  operationId: "completeAuthorization",
  tag,
  summary: "Complete an authorization that this user started, with the parameters of GitHub's redirect",
  auth: "user",
  input: {
    body: named(
      "GitHubCallbackRequest",
      z.object({
        code: z.string().min(1).max(1000),
        state: returnedState,
        installation_id: optional(installationId),
        setup_action: optional(z.string().max(100)),
      }),
    ),
  },
  response: userProfileSchema,
  errors: [400, 403, 422, 429, 501],
  async handle({ sdk, user, body: { code, state: given, installation_id, setup_action } }) {
    const claim = { installationId: installation_id, setupAction: setup_action };
    const callback = defined({ userId: user.id, code, state: given, ...claim });
    return { body: toProfileResponse(await sdk.connections.complete(callback)) };
  },
});

const browserCallback = defineRoute({
  method: "GET",
  path: "/auth/callback",
  operationId: "completeAuthorizationInBrowser",
  tag,
  summary: "Receive GitHub's redirect of the browser and redirect it to a page of the host",
  auth: "browser",
  // Invalid parameters are reported in the redirect, so that the user sees a page of the host.
  input: {
    query: z.object({
      code: optionalText,
      state: optionalText,
      installation_id: optionalText,
      setup_action: optionalText,
      error: optionalText,
    }),
  },
  response: z.undefined(),
  statuses: [303],
  errors: [501],
  async handle({ sdk, query, request, settings }) {
    if (settings.afterConnectUrl === null) {
      throw new GitHubSdkError(
        "capability_not_configured",
        "This host does not accept GitHub's redirect. Set the option afterConnectUrl, or send code and state by POST.",
      );
    }
    const location = await callbackLocation(settings.afterConnectUrl, request, sdk.logger, async () => {
      const { code, state: given, error } = query;
      await sdk.connections.completeInBrowser(
        defined({
          code,
          state: given,
          error,
          installationId: installationOf(query.installation_id),
          setupAction: query.setup_action,
          cookie: readBrowserCookie(request, settings),
        }),
      );
    });
    // The URL contains the code, which the next page must not send to others as its referrer.
    return { status: 303, headers: { location, "referrer-policy": "no-referrer" } };
  },
});

const status = defineRoute({
  method: "GET",
  path: "/connection/status",
  operationId: "getConnectionStatus",
  tag,
  summary: "Get the state of the user's connection with GitHub",
  auth: "user",
  input: {},
  response: connectionStatusSchema,
  errors: [501],
  handle: async ({ sdk, user }) => ({ body: toConnectionStatusResponse(await sdk.connections.status(user.id)) }),
});

const disconnect = defineRoute({
  method: "POST",
  path: "/disconnect",
  operationId: "disconnect",
  tag,
  summary: "Disconnect the user's GitHub account",
  auth: "user",
  input: { body: named("GitHubDisconnectRequest", z.object({ revoke_token: withDefault(z.boolean(), true) })) },
  response: disconnectResponseSchema,
  errors: [400, 422, 501],
  async handle({ sdk, user, body }) {
    const revoke = body.revoke_token ? "token" : false;
    return { body: toDisconnectResponse(await sdk.connections.disconnect(user.id, { revoke })) };
  },
});

const repositories = defineRoute({
  method: "GET",
  path: "/repositories",
  operationId: "listRepositories",
  tag,
  summary: "List the repositories that the user can access",
  auth: "user",
  input: {
    query: z.object({ page: withDefault(queryNumber(1), 1), per_page: withDefault(queryNumber(1, 100), 30) }),
  },
  response: repositoryListSchema,
  errors: [400, 403, 422, 429, 501],
  async handle({ sdk, user, query: { page, per_page } }) {
    return { body: toRepositoryListResponse(await sdk.connections.repositories(user.id, { page, perPage: per_page })) };
  },
});

const repository = defineRoute({
  method: "GET",
  path: "/repositories/{owner}/{repo}",
  operationId: "getRepository",
  tag,
  summary: "Get a repository that the user can access",
  auth: "user",
  input: { params: z.object({ owner: repositoryOwner, repo: repositoryName }) },
  response: repositorySchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, params: { owner, repo } }) {
    return { body: toRepositoryResponse(await sdk.connections.repository(user.id, `${owner}/${repo}`)) };
  },
});

/** The endpoints that connect accounts and read with the user's connection. */
export const connectionRoutes: readonly Route[] = [
  login,
  callback,
  browserCallback,
  status,
  disconnect,
  repositories,
  repository,
];

function installationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const id = installationId.safeParse(Number(text));
  if (!id.success) throw new GitHubSdkError("validation_failed", "installation_id is not the ID of an installation.");
  return id.data;
}
