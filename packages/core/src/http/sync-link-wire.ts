import * as z from "zod";
import type { ProjectLink } from "../domain/project-link.js";
import { fullNameSchema, named, timeSchema, toWireTime } from "./wire-value.js";

/** A link between a project and a branch. */
export const projectLinkSchema = named(
  "GitHubProjectLink",
  z.object({
    project_id: z.string(),
    repository_full_name: fullNameSchema,
    branch: z.string(),
    directory: z.string().describe("Folder of the repository that mirrors the project; empty for its root"),
    direction: z.enum(["push", "pull", "two_way"]),
    conflict_strategy: z.enum(["fail", "merge", "ours", "theirs", "pull_request"]),
    on_conflict: z.enum(["stop", "skip"]),
    auto: z.boolean().describe("Starts a sync each time that the branch moves"),
    created_at: timeSchema,
    last_sync_id: z.string().nullable().describe("The sync that the link started last; null before the first one"),
  }),
);

/** The links of a project. */
export const projectLinksSchema = named("GitHubProjectLinks", z.object({ links: z.array(projectLinkSchema) }));

/** Converts a link. */
export function toProjectLinkResponse(link: ProjectLink): z.input<typeof projectLinkSchema> {
  const { projectId, repository, target, direction, options, auto, createdAt, lastSyncId } = link;
  return {
    project_id: projectId,
    repository_full_name: repository,
    branch: target.branch,
    directory: target.directory,
    direction,
    conflict_strategy: options.strategy,
    on_conflict: options.onConflict,
    auto,
    created_at: toWireTime(createdAt),
    last_sync_id: lastSyncId === null ? null : String(lastSyncId),
  };
}
