import * as z from "zod";
import { GitHubSdkError } from "../errors.js";
import type { ProjectLink } from "./project-link.js";
import { recordSchema } from "./sync-record-codec.js";

const linkSchema = recordSchema
  .pick({ userId: true, projectId: true, target: true, repository: true, options: true, createdAt: true })
  .extend({
    direction: z.enum(["push", "pull", "two_way"]),
    auto: z.boolean(),
    lastSyncId: z.int().nullable(),
    head: z.string().nullable(),
  }) satisfies z.ZodType<ProjectLink>;

/** A link as JSON, with times in ISO 8601. */
export type EncodedProjectLink = Readonly<Record<string, unknown>>;

/** Decodes a link. @throws GitHubSdkError `store_failed` when it is damaged or of a newer version */
export function decodeProjectLink(encoded: EncodedProjectLink): ProjectLink {
  const parsed = linkSchema.safeParse(encoded);
  if (parsed.success) return parsed.data;
  throw new GitHubSdkError(
    "store_failed",
    "A stored link cannot be decoded: it is damaged, or a newer version of the SDK wrote it. Delete it, and create it again.",
    { cause: parsed.error },
  );
}
