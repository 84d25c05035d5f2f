import * as z from "zod";
import { branch, count, fullName, id, sha, text, time } from "./response-fields.js";
import { conflictSchema } from "./responses.js";

// The documented responses. Each schema is strict: no field may be missing, and no undocumented field may be present.

export const installationsSchema = z.array(
  z.strictObject({
    // 0 for a requested installation.
    id: z.int().min(0),
    // Empty when GitHub does not tell the account of a requested installation.
    account_login: text,
    account_type: z.enum(["User", "Organization"]),
    permissions: z.record(text, text),
    events: z.array(text),
    created_at: time,
    updated_at: time,
    suspended_at: time.nullable(),
    pending: z.boolean(),
    missing_permissions: z.array(text.regex(/^[a-z_]+:(read|write|admin)$/)),
  }),
);

export const installationTokenSchema = z.strictObject({
  token: text.min(1),
  expires_at: time,
  permissions: z.record(text, text),
  repository_selection: z.enum(["all", "selected"]),
});

export const appRepositorySchema = z.strictObject({
  id,
  name: text.min(1),
  full_name: fullName,
  description: text.nullable(),
  private: z.boolean(),
  html_url: z.url(),
  clone_url: z.url(),
  created_at: time,
  updated_at: time,
});

export const appRepositoryListSchema = z.strictObject({
  repositories: z.array(appRepositorySchema),
  total_count: count,
  page: z.int().min(1),
  per_page: z.int().min(1).max(100),
});

export const pushSchema = z.strictObject({
  success: z.literal(true),
  commit_sha: sha,
  files_pushed: count,
  repository_url: z.url(),
  commit_url: z.url(),
  branch,
});

export const appSyncSchema = z.strictObject({
  success: z.boolean(),
  commit_sha: sha.nullable(),
  files_synced: count,
  repository_url: z.url(),
  commit_url: z.url().nullable(),
  conflicts: z.array(conflictSchema),
});

export const accessSchema = z.strictObject({
  has_access: z.boolean(),
  installation_found: z.boolean(),
  repository_accessible: z.boolean(),
});

export const installLinkSchema = z.strictObject({
  installation_url: z.url(),
  app_name: text.min(1),
  state: text.nullable(),
  github_app_url: z.url(),
});

export const webhookSchema = z.strictObject({
  handled: z.boolean(),
  message: text.min(1),
  error: text.min(1).nullable(),
});
