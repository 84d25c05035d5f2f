import type { Credential } from "../accounts/credential.js";
import type { Role } from "../accounts/role.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import { ApiError, notFound } from "../http/api-error.js";
import { paginate } from "../http/paging.js";
import type { Call, RestResponse, Route } from "../http/route.js";
import { installationPayload } from "../payloads/app.js";
import { permissionsOfRole, repositoryPayload } from "../payloads/repository.js";
import { explicitRoleOf } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { integrationRefusal } from "./app-route.js";
import { param } from "./repository-route.js";
import { requireCredential } from "./require-credential.js";

/**
 * Routes for installations, for installation tokens and users.
 *
 * @see https://docs.github.com/rest/apps/installations
 */
export const installationRoutes: readonly Route[] = [
  {
    method: "GET",
    template: "/installation/repositories",
    docs: "apps/installations#list-repositories-accessible-to-the-app-installation",
    handler: (call) => {
      const credential = requireCredential(call);
      const installation = call.platform.apps.findInstallation(credential.installationId);
      if (installation === undefined) throw integrationRefusal();
      const reached = installation.repositories.filter((it) => credential.reach?.onRepository(it) !== undefined);
      return list(call, "/installation/repositories", installation, reached, (it) => repositoryPayload(it, call));
    },
  },
  {
    method: "DELETE",
    template: "/installation/token",
    docs: "apps/installations#revoke-an-installation-access-token",
    handler: (call) => {
      const { installationId, token } = requireCredential(call);
      if (installationId === undefined) throw integrationRefusal();
      call.platform.accounts.revoke(token);
      return { status: 204 };
    },
  },
  {
    method: "GET",
    template: "/user/installations",
    docs: "apps/installations#list-app-installations-accessible-to-the-user-access-token",
    handler: (call) => {
      const visible = visibleInstallations(call);
      const { items, headers } = paginate(call, "/user/installations", visible);
      const installations = items.map((item) => installationPayload(item, call.addresses));
      return { status: 200, body: { total_count: visible.length, installations }, headers };
    },
  },
  {
    method: "GET",
    template: "/user/installations/{installation_id}/repositories",
    docs: "apps/installations#list-repositories-accessible-to-the-user-access-token",
    handler: (call) => {
      const id = param(call, "installation_id");
      const installation = visibleInstallations(call).find((candidate) => String(candidate.id) === id);
      if (installation === undefined) throw notFound();
      if (installation.suspended !== undefined) throw new ApiError(403, "This installation has been suspended");
      const { account } = requireCredential(call);
      const role = (repository: BoxRepository): Role => explicitRoleOf(account, repository);
      const reached = installation.repositories.filter((repository) => role(repository) !== "none");
      const path = `/user/installations/${id}/repositories`;
      return list(call, path, installation, reached, (repository) => ({
        ...repositoryPayload(repository, call),
        permissions: permissionsOfRole(role(repository)),
      }));
    },
  },
];

function list(
  call: Call,
  path: string,
  { selection }: Installation,
  repositories: readonly BoxRepository[],
  show: (repository: BoxRepository) => Record<string, unknown>,
): RestResponse {
  const { items, headers } = paginate(call, path, repositories);
  const body = { total_count: repositories.length, repository_selection: selection, repositories: items.map(show) };
  return { status: 200, body, headers };
}

/** Returns the App's installations in which the user has explicit read access. Public repositories do not count. */
function visibleInstallations(call: Call): Installation[] {
  const credential = requireCredential(call);
  const app = appOf(call, credential);
  const { account: user } = credential;
  return call.platform.apps
    .installationsOf(app)
    .filter(
      ({ account, repositories }) =>
        account === user ||
        account.members.has(user.login.toLowerCase()) ||
        repositories.some((repository) => explicitRoleOf(user, repository) !== "none"),
    );
}

function appOf(call: Call, { kind, clientId }: Credential): GitHubApp {
  if (kind === "installation") throw integrationRefusal();
  const app = call.platform.apps.list().find((candidate) => candidate.clientId === clientId);
  if (app !== undefined) return app;
  throw new ApiError(
    403,
    "You must authenticate with an access token authorized to a GitHub App in order to list installations",
  );
}
