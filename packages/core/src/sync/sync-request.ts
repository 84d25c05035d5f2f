import { z } from "zod";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import type { SyncOptions } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import { assertBranchName } from "../git/branch-name.js";
import { assertPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";
import { fieldErrors, issueText } from "../issue-text.js";

/** An id that sources make a folder's name of. */
const segment = z.string().superRefine((id, context) => {
  try {
    assertPathSegment(id, "It");
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "It is no path segment." });
  }
});

// A pattern that takes back, or that is a comment, matches nothing when it stands by itself.
const pattern = z
  .string()
  .refine((text) => /^(?![!#])[^\r\n]*\S[^\r\n]*$/.test(text), "has to be one pattern that matches something");

const requestSchema = z.strictObject({
  /** Whose project it is. */
  project: z.strictObject({
    userId: z.union([z.string(), z.int()]).transform(String).pipe(segment),
    projectId: segment,
  }),
  /** `owner/name`. */
  repository: z.string(),
  /** `main` unless told; made from the default branch when the repository does not have it. */
  branch: z.string().default("main"),
  /** The folder of the repository that mirrors the project; its root unless told. */
  directory: z
    .string()
    .default("")
    .transform((path) => path.replace(/^\/+|\/+$/g, "")),
  /** How conflicts are settled; `merge` unless told. */
  strategy: z.enum(["fail", "merge", "ours", "theirs", "pull_request"]).default("merge"),
  /** Other strategies for some paths, by patterns of `.gitignore`'s syntax; the last match counts. */
  pathStrategies: z
    .array(z.strictObject({ pattern, strategy: z.enum(["fail", "merge", "ours", "theirs"]) }))
    .default([]),
  /** The commit's message; one is made from the changes unless told. */
  message: z.string().trim().min(1).max(65_536).nullable().default(null),
  /** Only these paths of the project are looked at; one that the project no longer has is deleted if this SDK put it there. */
  filePaths: z.array(z.string()).nullable().default(null),
  /** Which commit writer is used; the fitting one unless told. */
  writer: z.enum(["auto", "graphql", "git-data", "push"]).default("auto"),
  /** Lets a sync delete more than half of the files, or all of them. */
  allowMassDeletion: z.boolean().default(false),
  /** Deletes from the repository what has come to be ignored. */
  deleteIgnored: z.boolean().default(false),
  /** The credential is on the bypass list of the branch's rules: they are no reason to stop. GitHub has the last word. */
  bypassRules: z.boolean().default(false),
});

/** What is asked of a sync. Only `project` and `repository` are needed. */
export type SyncRequest = z.input<typeof requestSchema>;

/** A request that was checked, with its defaults. */
export interface ParsedSyncRequest {
  readonly project: ProjectKey;
  readonly repository: string;
  readonly branch: string;
  readonly directory: string;
  readonly bypassRules: boolean;
  readonly options: SyncOptions;
}

/**
 * Checks a request and fills in its defaults.
 *
 * @throws GitHubSdkError `validation_failed` naming the field, `invalid_repository_name`, `invalid_branch`, `invalid_path`.
 */
export function parseSyncRequest(request: SyncRequest, planHash: string | null = null): ParsedSyncRequest {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) {
    const { issues } = parsed.error;
    throw new GitHubSdkError("validation_failed", `The sync request is not valid. ${issueText(issues, "request")}.`, {
      details: { errors: fieldErrors(issues) },
    });
  }
  const { project, repository, branch, directory, bypassRules, ...wishes } = parsed.data;
  parseRepositoryName(repository);
  assertBranchName(branch);
  if (directory !== "") assertPath(directory);
  for (const path of wishes.filePaths ?? []) assertPath(path);
  const options: SyncOptions = { ...wishes, deletePaths: [], applyIgnoreRules: true, planHash };
  return { project, repository, branch, directory, bypassRules, options };
}
