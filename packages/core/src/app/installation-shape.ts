import * as z from "zod";
import type { Installation } from "../domain/installation.js";

/** The schema of an installation in GitHub's API and webhooks. */
export const installationSchema = z.object({
  id: z.int(),
  app_id: z.int(),
  account: z.object({ id: z.int(), login: z.string(), type: z.enum(["User", "Organization"]) }),
  repository_selection: z.enum(["all", "selected"]),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
  suspended_at: z.coerce.date().nullish().default(null),
  created_at: z.coerce.date(),
  updated_at: z.coerce.date(),
});

/** Converts GitHub's representation of an installation to the SDK's. */
export function toInstallation(apiUrl: string, shape: z.infer<typeof installationSchema>): Installation {
  return {
    apiUrl,
    installationId: shape.id,
    appId: shape.app_id,
    account: shape.account,
    repositorySelection: shape.repository_selection,
    permissions: shape.permissions,
    events: shape.events,
    suspendedAt: shape.suspended_at,
    createdAt: shape.created_at,
    updatedAt: shape.updated_at,
  };
}
