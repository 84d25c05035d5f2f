import { z } from "zod";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import type { SyncOptions } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import { assertBranchName } from "../git/branch-name.js";
import { assertPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";
import { fieldErrors, issueText } from "../issue-text.js";

/** An ID that a source may use as a directory name. */
const segment = z.string().superRefine((id, context) => {
  try {
    assertPathSegment(id, "It");
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "It is not a path segment." });
  }
});

// A negated pattern or a comment matches nothing when it stands alone.
const pattern = z
  .string()
  .refine((text) => /^(?![!#])[^\r\n]*\S[^\r\n]*$/.test(text), "must be a single pattern that can match a path");

const requestSchema = z.strictObject({
  /** The project and the user it belongs to. Defaults to the project of the source, for a source of one project. */
  project: z
    .strictObject({
      userId: z.union([z.string(), z.int()]).transform(String).pipe(segment),
      projectId: segment,
    })
    .optional(),
  /** `owner/name`. */
  repository: z.string(),
  /** Defaults to `main`. Created from the default branch when the repository does not have it. */
  branch: z.string().default("main"),
  /** The directory of the repository that mirrors the project. Defaults to its root. */
  directory: z
    .string()
    .default("")
    .transform((path) => path.replace(/^\/+|\/+$/g, "")),
  /** The strategy for conflicts. Defaults to `merge`. */
  strategy: z.enum(["fail", "merge", "ours", "theirs", "pull_request"]).default("merge"),
  /** Strategies for paths that match a pattern with the syntax of `.gitignore`. The last match counts. */
  pathStrategies: z
    .array(z.strictObject({ pattern, strategy: z.enum(["fail", "merge", "ours", "theirs"]) }))
    .default([]),
  /** The commit message. Defaults to a summary of the changes. */
  message: z.string().trim().min(1).max(65_536).nullable().default(null),
  /** Limits the sync to these paths. One that the project no longer has is deleted from the branch if this SDK wrote it. */
  filePaths: z.array(z.string()).nullable().default(null),
  /** The commit writer. Defaults to `auto`. */
  writer: z.enum(["auto", "graphql", "git-data", "push"]).default("auto"),
  /** Allows the sync to delete more than half of the files, or all of them. */
  allowMassDeletion: z.boolean().default(false),
  /** Deletes files from the repository that are ignored now and that earlier syncs wrote. */
  deleteIgnored: z.boolean().default(false),
  /** Attempts the write although the branch's rules forbid it, for a credential on their bypass list. GitHub decides. */
  bypassRules: z.boolean().default(false),
});

/** The request for a sync. Only `project` and `repository` are required; a source such as `folderFiles` makes `project` optional. */
export type SyncRequest = z.input<typeof requestSchema>;

/** A validated request with its defaults. */
export interface ParsedSyncRequest {
  readonly project: ProjectKey;
  readonly repository: string;
  readonly branch: string;
  readonly directory: string;
  readonly bypassRules: boolean;
  readonly options: SyncOptions;
}

/** The context of a request. */
export interface RequestContext {
  /** The hash of the plan that the sync must still have. Defaults to none. */
  readonly planHash?: string | null;
  /** The project of a request that names none. */
  readonly project?: ProjectKey | undefined;
}

/**
 * Validates a request and fills in its defaults.
 *
 * @throws GitHubSdkError `validation_failed` naming the field, `invalid_repository_name`, `invalid_branch`, `invalid_path`.
 */
export function parseSyncRequest(request: SyncRequest, context: RequestContext = {}): ParsedSyncRequest {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) {
    const { issues } = parsed.error;
    throw new GitHubSdkError("validation_failed", `The sync request is not valid. ${issueText(issues, "request")}.`, {
      details: { errors: fieldErrors(issues) },
    });
  }
  const { project = context.project, repository, branch, directory, bypassRules, ...options } = parsed.data;
  if (project === undefined) throw projectMissing();
  parseRepositoryName(repository);
  assertBranchName(branch);
  if (directory !== "") assertPath(directory);
  for (const path of options.filePaths ?? []) assertPath(path);
  return {
    project,
    repository,
    branch,
    directory,
    bypassRules,
    options: { ...options, deletePaths: [], applyIgnoreRules: true, planHash: context.planHash ?? null },
  };
}

function projectMissing(): GitHubSdkError {
  const message = "is required, because the source of project files holds more than one project";
  return new GitHubSdkError("validation_failed", `The sync request is not valid. project: ${message}.`, {
    details: { errors: [{ field: "project", message }] },
  });
}
