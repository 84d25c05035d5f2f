import * as z from "zod";
import type { Installation } from "../apps/installation.js";
import { installationCredential, isSubset, type Narrowing, replication } from "../apps/installation-tokens.js";
import { isoTime } from "../git/commit.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import { paginate } from "../http/paging.js";
import type { RestResponse, Route } from "../http/route.js";
import { appPayload, installationPayload, installationRequestPayload } from "../payloads/app.js";
import { repositoryPayload } from "../payloads/repository.js";
import type { BoxRepository } from "../repositories/repository.js";
import { type AppCall, appRoute, ownInstallation } from "./app-route.js";
import { param } from "./repository-route.js";

const installation = "/app/installations/{installation_id}";

/**
 * Routes for GitHub Apps.
 *
 * @see https://docs.github.com/rest/apps/apps
 */
export const appRoutes: readonly Route[] = [
  appRoute({
    method: "GET",
    template: "/app",
    docs: "apps/apps#get-the-authenticated-app",
    appHandler: ({ app, addresses, platform }) => ({
      status: 200,
      body: { ...appPayload(app, addresses), installations_count: platform.apps.installationsOf(app).length },
    }),
  }),
  appRoute({
    method: "GET",
    template: "/app/installations",
    docs: "apps/apps#list-installations-for-the-authenticated-app",
    appHandler: (call) => {
      const { items, headers } = paginate(call, "/app/installations", call.platform.apps.installationsOf(call.app));
      return { status: 200, body: items.map((item) => installationPayload(item, call.addresses)), headers };
    },
  }),
  appRoute({
    method: "GET",
    template: "/app/installation-requests",
    docs: "apps/apps#list-installation-requests-for-the-authenticated-app",
    appHandler: (call) => {
      const requests = call.platform.apps.requestsFor(call.app);
      const { items, headers } = paginate(call, "/app/installation-requests", requests);
      return { status: 200, body: items.map((item) => installationRequestPayload(item, call.addresses)), headers };
    },
  }),
  appRoute({
    method: "GET",
    template: installation,
    docs: "apps/apps#get-an-installation-for-the-authenticated-app",
    appHandler: (call) => ({ status: 200, body: installationPayload(ownInstallation(call), call.addresses) }),
  }),
  appRoute({
    method: "DELETE",
    template: installation,
    docs: "apps/apps#delete-an-installation-for-the-authenticated-app",
    appHandler: (call) => {
      ownInstallation(call).remove();
      return { status: 204 };
    },
  }),
  appRoute({
    method: "PUT",
    template: `${installation}/suspended`,
    docs: "apps/apps#suspend-an-app-installation",
    appHandler: (call) => {
      ownInstallation(call).suspend({ by: call.app.owner.login });
      return { status: 204 };
    },
  }),
  appRoute({
    method: "DELETE",
    template: `${installation}/suspended`,
    docs: "apps/apps#unsuspend-an-app-installation",
    appHandler: (call) => {
      ownInstallation(call).unsuspend({ by: call.app.owner.login });
      return { status: 204 };
    },
  }),
  appRoute({
    method: "POST",
    template: `${installation}/access_tokens`,
    docs: "apps/apps#create-an-installation-access-token-for-an-app",
    appHandler: createToken,
  }),
  lookup("/repos/{owner}/{repo}/installation", "repository", (call) => {
    const repository = call.platform.repositories.find(param(call, "owner"), param(call, "repo"));
    return call.platform.apps
      .installationsOf(call.app)
      .find((item) => repository !== undefined && item.covers(repository));
  }),
  lookup("/orgs/{org}/installation", "organization", (call) => ofAccount(call, param(call, "org"))),
  lookup("/users/{username}/installation", "user", (call) => ofAccount(call, param(call, "username"))),
  {
    method: "GET",
    template: "/apps/{app_slug}",
    docs: "apps/apps#get-an-app",
    handler: (call) => {
      const app = call.platform.apps.findBySlug(param(call, "app_slug"));
      if (app === undefined) throw notFound();
      return { status: 200, body: appPayload(app, call.addresses) };
    },
  },
  {
    method: "POST",
    template: "/app-manifests/{code}/conversions",
    docs: "apps/apps#create-a-github-app-from-a-manifest",
    handler: (call) => {
      const app = call.platform.manifests.useCode(param(call, "code"));
      if (app === undefined) throw notFound();
      const { clientId: client_id, clientSecret: client_secret, privateKey: pem, webhook } = app;
      const secrets = { client_id, client_secret, webhook_secret: webhook.secret ?? null, pem };
      return { status: 201, body: { ...appPayload(app, call.addresses), ...secrets } };
    },
  },
];

function lookup(template: string, what: string, find: (call: AppCall) => Installation | undefined): Route {
  const article = what === "organization" ? "an" : "a";
  return appRoute({
    method: "GET",
    template,
    docs: `apps/apps#get-${article}-${what}-installation-for-the-authenticated-app`,
    appHandler: (call) => {
      const found = find(call);
      if (found === undefined) throw notFound();
      return { status: 200, body: installationPayload(found, call.addresses) };
    },
  });
}

function ofAccount({ app, platform }: AppCall, login: string): Installation | undefined {
  const account = platform.accounts.find(login);
  return account === undefined ? undefined : platform.apps.installationOf(app, account);
}

const tokenBody = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number().int()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
});

/** Maximum number of repositories that a token can be limited to. */
const MOST_REPOSITORIES = 500;

function createToken(call: AppCall): RestResponse {
  const { accounts, clock, identity } = call.platform;
  const target = ownInstallation(call);
  if (target.suspended !== undefined) throw new ApiError(403, "This installation has been suspended");
  const narrowing = narrowingOf(call);
  const requested = call.headers.get("x-github-stateless-s2s-token");
  const isStateless = requested === null ? identity.statelessTokens : requested === "enabled";
  const now = clock();
  const isSeen = replication(identity.tokenLag, clock);
  const credential = installationCredential(target, narrowing, { now, isStateless, isSeen });
  accounts.addCredential(credential);
  const { repositories } = narrowing;
  const body = {
    token: credential.token,
    expires_at: isoTime(Math.floor((credential.expiresAt ?? now) / 1000)),
    permissions: credential.permissions,
    repository_selection: repositories === undefined ? target.selection : "selected",
    ...(repositories === undefined
      ? {}
      : { repositories: repositories.map((repository) => repositoryPayload(repository, { ...call, credential })) }),
  };
  return { status: 201, body };
}

function narrowingOf(call: AppCall): Narrowing {
  const { repositories: names, repository_ids: ids, permissions } = parseBody(tokenBody, call.body);
  const target = ownInstallation(call);
  if ((names ?? []).length + (ids ?? []).length > MOST_REPOSITORIES) {
    throw new ApiError(422, `You can only specify up to ${MOST_REPOSITORIES} repositories.`);
  }
  if (permissions !== undefined && !isSubset(permissions, target.permissions)) {
    throw new ApiError(422, "The permissions requested are not granted to this installation.");
  }
  const reached = target.repositories;
  const named = (names ?? []).map((name) => reached.find((it) => it.name.toLowerCase() === name.toLowerCase()));
  const numbered = (ids ?? []).map((wanted) => reached.find(({ id }) => id === wanted));
  const chosen = [...named, ...numbered].filter((repository): repository is BoxRepository => repository !== undefined);
  if (chosen.length < named.length + numbered.length) {
    throw new ApiError(
      422,
      "There is at least one repository that does not exist or is not accessible to the parent installation.",
    );
  }
  return {
    ...(permissions === undefined ? {} : { permissions }),
    ...(names === undefined && ids === undefined ? {} : { repositories: [...new Set(chosen)] }),
  };
}
