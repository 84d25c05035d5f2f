import type { InstallationRequest } from "../apps/apps.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import { isoTime } from "../git/commit.js";
import type { Addresses } from "../http/addresses.js";
import { nodeId } from "../ids.js";
import { simpleUser } from "./account.js";

/** Returns the public payload of a GitHub App. */
export function appPayload(app: GitHubApp, addresses: Addresses): Record<string, unknown> {
  const created = isoTime(Math.floor(app.createdAt / 1000));
  return {
    id: app.id,
    client_id: app.clientId,
    slug: app.slug,
    node_id: nodeId("App", app.id),
    owner: simpleUser(app.owner, addresses),
    name: app.name,
    description: "",
    external_url: app.url,
    html_url: `${addresses.html}/apps/${app.slug}`,
    created_at: created,
    updated_at: created,
    permissions: app.permissions,
    events: app.events,
  };
}

/** Returns the payload of a member's request for an installation. */
export function installationRequestPayload(
  { id, account, requester, createdAt }: InstallationRequest,
  addresses: Addresses,
): Record<string, unknown> {
  return {
    id,
    node_id: nodeId("IntegrationInstallationRequest", id),
    account: simpleUser(account, addresses),
    requester: simpleUser(requester, addresses),
    created_at: isoTime(Math.floor(createdAt / 1000)),
  };
}

/** Returns the payload of an installation. */
export function installationPayload(installation: Installation, addresses: Addresses): Record<string, unknown> {
  const { id, app, account, suspended } = installation;
  const settings = account.type === "Organization" ? `organizations/${account.login}/settings` : "settings";
  return {
    id,
    client_id: app.clientId,
    account: simpleUser(account, addresses),
    repository_selection: installation.selection,
    access_tokens_url: `${addresses.api}/app/installations/${id}/access_tokens`,
    repositories_url: `${addresses.api}/installation/repositories`,
    html_url: `${addresses.html}/${settings}/installations/${id}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: installation.events,
    created_at: isoTime(Math.floor(installation.createdAt / 1000)),
    updated_at: isoTime(Math.floor(installation.updatedAt / 1000)),
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended === undefined ? null : simpleUser(suspended.by, addresses),
    suspended_at: suspended === undefined ? null : isoTime(Math.floor(suspended.at / 1000)),
  };
}
