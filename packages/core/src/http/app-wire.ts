import * as z from "zod";
import type { AppHealth } from "../app/app-health.js";
import { missingPermissions } from "../app/app-permissions.js";
import type { AppRepository } from "../app/app-repository.js";
import type { WrittenFiles } from "../app/app-services.js";
import type { AccessReport, InstallLink } from "../app/github-app.js";
import type { PendingInstallation } from "../app/installation-requests.js";
import type { Installation } from "../domain/installation.js";
import type { InstallationToken } from "../domain/installation-token.js";
import type { WebhookResult } from "../webhooks/webhooks.js";
import { check, toCheckText } from "./check-wire.js";
import { syncConflictSchema, toConflictResponse } from "./sync-conflict-wire.js";
import { countSchema, named, timeSchema, toWireTime, toWireTimeOrNull } from "./wire-value.js";

export const installationSchema = named(
  "GitHubInstallation",
  z.object({
    id: z.int(),
    account_login: z.string(),
    account_type: z.enum(["User", "Organization"]),
    permissions: z.record(z.string(), z.string()),
    events: z.array(z.string()),
    created_at: timeSchema,
    updated_at: timeSchema,
    suspended_at: timeSchema.nullable(),
    pending: z.boolean().describe("Requested by the user, and not approved by an owner yet"),
    missing_permissions: z
      .array(z.string())
      .describe("Permissions that the SDK uses and the installation did not grant, such as `contents:write`"),
  }),
);

export const installationTokenSchema = named(
  "GitHubAppTokenResponse",
  z.object({
    token: z.string(),
    expires_at: timeSchema,
    permissions: z.record(z.string(), z.string()),
    repository_selection: z.enum(["all", "selected"]),
  }),
);

export const appRepositorySchema = named(
  "GitHubAppRepository",
  z.object({
    id: z.int(),
    name: z.string(),
    full_name: z.string(),
    description: z.string().nullable(),
    private: z.boolean(),
    html_url: z.string(),
    clone_url: z.string(),
    created_at: timeSchema,
    updated_at: timeSchema,
  }),
);

export const pushResponseSchema = named(
  "GitHubAppPushResponse",
  z.object({
    success: z.boolean(),
    commit_sha: z.string(),
    files_pushed: countSchema,
    repository_url: z.string(),
    commit_url: z.string(),
    branch: z.string(),
  }),
);

export const appSyncResponseSchema = named(
  "GitHubAppSyncResponse",
  z.object({
    success: z.boolean(),
    commit_sha: z.string().nullable(),
    files_synced: countSchema,
    repository_url: z.string(),
    commit_url: z.string().nullable(),
    conflicts: z.array(syncConflictSchema),
  }),
);

export const accessResponseSchema = named(
  "GitHubAppValidateAccessResponse",
  z.object({ has_access: z.boolean(), installation_found: z.boolean(), repository_accessible: z.boolean() }),
);

export const installResponseSchema = named(
  "GitHubAppInstallUrlResponse",
  z.object({
    installation_url: z.string(),
    app_name: z.string(),
    state: z.string().nullable(),
    github_app_url: z.string(),
  }),
);

export const webhookResponseSchema = named(
  "GitHubAppWebhookResponse",
  z.object({ handled: z.boolean(), message: z.string(), error: z.string().nullable() }),
);

export const healthSchema = named(
  "GitHubAppHealth",
  z.object({
    service: z.literal("GitHub App"),
    status: z.enum(["healthy", "degraded", "unhealthy"]),
    checks: z.object({ configuration: check, jwt_generation: check, api_connectivity: check }),
    errors: z.array(z.string()),
  }),
);

/** The health of the GitHub App, as the endpoint returns it. */
export type GitHubAppHealth = z.infer<typeof healthSchema>;

/** Converts an installation to `GitHubInstallation`. */
export function toInstallationResponse(installation: Installation): z.infer<typeof installationSchema> {
  return {
    id: installation.installationId,
    account_login: installation.account.login,
    account_type: installation.account.type,
    permissions: installation.permissions,
    events: [...installation.events],
    created_at: toWireTime(installation.createdAt),
    updated_at: toWireTime(installation.updatedAt),
    suspended_at: toWireTimeOrNull(installation.suspendedAt),
    pending: false,
    missing_permissions: [...missingPermissions(installation.permissions)],
  };
}

/** Converts a requested installation to `GitHubInstallation`. Only the owners of an organization can be asked for one. */
export function toPendingResponse({ account, requestedAt }: PendingInstallation): z.infer<typeof installationSchema> {
  const requested = toWireTime(requestedAt);
  return {
    ...{ id: 0, account_login: account ?? "", account_type: "Organization", permissions: {}, events: [] },
    ...{ created_at: requested, updated_at: requested, suspended_at: null, pending: true, missing_permissions: [] },
  };
}

/** Converts a token to `GitHubAppTokenResponse`. */
export function toInstallationTokenResponse(minted: InstallationToken): z.infer<typeof installationTokenSchema> {
  return {
    token: minted.token,
    expires_at: toWireTime(minted.expiresAt),
    permissions: minted.permissions,
    repository_selection: minted.repositorySelection,
  };
}

/** Converts a created repository to `GitHubAppRepository`. */
export function toAppRepositoryResponse(made: AppRepository): z.infer<typeof appRepositorySchema> {
  return {
    id: made.id,
    name: made.name,
    full_name: made.fullName,
    description: made.description,
    private: made.private,
    html_url: made.htmlUrl,
    clone_url: made.cloneUrl,
    created_at: toWireTime(made.createdAt),
    updated_at: toWireTime(made.updatedAt),
  };
}

/** Converts the result of writing files to `GitHubAppSyncResponse`. */
export function toWrittenFilesResponse(written: WrittenFiles): z.infer<typeof appSyncResponseSchema> {
  return {
    success: written.commitId !== null,
    commit_sha: written.commitId,
    files_synced: written.files,
    repository_url: written.repositoryUrl,
    commit_url: written.commitUrl,
    conflicts: written.conflicts.map(toConflictResponse),
  };
}

/** Converts an access check to `GitHubAppValidateAccessResponse`. */
export function toAccessResponse(report: AccessReport): z.infer<typeof accessResponseSchema> {
  return {
    has_access: report.hasAccess,
    installation_found: report.installationFound,
    repository_accessible: report.repositoryAccessible,
  };
}

/** Converts an installation link to `GitHubAppInstallUrlResponse`. */
export function toInstallLinkResponse(link: InstallLink): z.infer<typeof installResponseSchema> {
  return {
    installation_url: link.installationUrl,
    app_name: link.appName,
    state: link.state,
    github_app_url: link.appUrl,
  };
}

/** Converts the result of a delivery to `GitHubAppWebhookResponse`. */
export function toWebhookResponse({ handled, message, error }: WebhookResult): z.infer<typeof webhookResponseSchema> {
  return { handled, message, error: error ?? null };
}

/** Converts the App's health to `GitHubAppHealth`. */
export function toHealthResponse(health: AppHealth): GitHubAppHealth {
  return {
    service: "GitHub App",
    status: health.status,
    checks: {
      configuration: toCheckText(health.configuration),
      jwt_generation: toCheckText(health.jwtGeneration),
      api_connectivity: toCheckText(health.apiConnectivity),
    },
    errors: [...health.errors],
  };
}
