import * as z from "zod";
import { isText } from "../git/merge.js";
import type { ConflictContent } from "../sync/conflicts/conflict-content.js";
import type { OpenConflict } from "../sync/conflicts/open-conflict.js";
import { syncConflictSchema, toConflictResponse } from "./sync-conflict-wire.js";
import { countSchema, fullNameSchema, named } from "./wire-value.js";

/** A side of a conflict. */
export const conflictSide = z
  .enum(["base", "ours", "theirs"])
  .describe("`ours` is the project's version, `theirs` the branch's, `base` that of the last sync");

/** The shape of a list of conflicts. */
export const conflictListSchema = named(
  "GitHubSyncConflictList",
  z.object({
    project_id: z.string(),
    repository_full_name: fullNameSchema,
    branch: z.string(),
    conflicts: z.array(syncConflictSchema),
  }),
);

/** Converts open conflicts to `GitHubSyncConflictList`. */
export function toConflictListResponse(
  { project_id, repository_full_name, branch }: Omit<z.infer<typeof conflictListSchema>, "conflicts">,
  conflicts: readonly OpenConflict[],
): z.infer<typeof conflictListSchema> {
  return { project_id, repository_full_name, branch, conflicts: conflicts.map(toConflictResponse) };
}

/** The shape of one version of a file in conflict. */
export const conflictContentSchema = named(
  "GitHubSyncConflictContent",
  z.object({
    file_path: z.string(),
    side: conflictSide,
    sha: z.string().nullable().describe("The blob; null when this side does not have the file"),
    size: countSchema,
    encoding: z.enum(["utf-8", "base64"]),
    content: z.string().nullable(),
    truncated: z.boolean().describe("The content is left out because it is larger than 1 MB"),
  }),
);

/** Converts one version of a file to `GitHubSyncConflictContent`. What is not text is sent in base64. */
export function toConflictContentResponse({
  path,
  side,
  oid,
  size,
  bytes,
  isTruncated,
}: ConflictContent): z.infer<typeof conflictContentSchema> {
  const encoding = bytes === null || isText(bytes) ? "utf-8" : "base64";
  const content = bytes === null ? null : Buffer.from(bytes).toString(encoding);
  return { file_path: path, side, sha: oid, size, encoding, content, truncated: isTruncated };
}
