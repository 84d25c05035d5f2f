import * as z from "zod";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import { DEFAULT_PULL_REQUEST, type ProtectedBranchPolicy } from "../domain/pull-request-options.js";
import {
  type PathStrategy,
  RATE_LIMIT_DEADLINE_MS,
  type SyncDirection,
  type SyncOptions,
  type SyncPriority,
} from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import { assertBranchName } from "../git/branch-name.js";
import { commitMessageProblem, MAX_COMMIT_MESSAGE_BYTES, normalizeCommitMessage } from "../git/commit-message.js";
import { commitPerson, MAX_CO_AUTHORS } from "../git/commit-person.js";
import { assertPath } from "../git/path.js";
import { trimSlashes } from "../git/trim-slashes.js";
import { parseRepositoryName } from "../github/repository-name.js";
import { fieldErrors, issueText } from "../issue-text.js";
import {
  MAX_LABELS,
  MAX_REVIEWERS,
  pullRequestBody,
  pullRequestLabel,
  pullRequestReviewer,
  pullRequestTitle,
} from "../repository/pull-request-fields.js";

const MAX_ID_LENGTH = 200;
const MAX_REPOSITORY_BYTES = 201;
const MAX_BRANCH_BYTES = 244;
const MAX_PATH_BYTES = 4_096;
const MAX_FILE_PATHS = 10_000;
/** The most entries of `strategies`. */
export const MAX_STRATEGIES = 100;

/** A text whose size is checked before anything else sees it. */
function text(maxBytes: number): z.ZodString {
  return z
    .string()
    .max(maxBytes, { abort: true, error: `must have at most ${maxBytes} bytes in UTF-8` })
    .refine((value) => Buffer.byteLength(value) <= maxBytes, {
      abort: true,
      error: `must have at most ${maxBytes} bytes in UTF-8`,
    });
}

/** An ID that a source may use as a directory name. */
const segment = z
  .string()
  .max(MAX_ID_LENGTH, { abort: true, error: `must have at most ${MAX_ID_LENGTH} characters` })
  .superRefine((id, context) => {
    try {
      assertPathSegment(id, "It");
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : "is not a path segment" });
    }
  });

const message = z
  .string()
  .max(MAX_COMMIT_MESSAGE_BYTES, { abort: true, error: `must have at most ${MAX_COMMIT_MESSAGE_BYTES} bytes in UTF-8` })
  .transform(normalizeCommitMessage)
  .superRefine((value, context) => {
    const problem = commitMessageProblem(value);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

// The size is checked before the items, so that a long invalid list costs nothing.
const filePaths = z
  .array(z.unknown())
  .max(MAX_FILE_PATHS, `must have at most ${MAX_FILE_PATHS} paths`)
  .pipe(z.array(text(MAX_PATH_BYTES)));

/** Returns why a text cannot be a key of `strategies`; `null` when it can. */
export function patternProblem(value: string): string | null {
  // A negated pattern or a comment matches nothing when it stands alone.
  const isValid = value.trim() !== "" && !/^[!#]/.test(value) && !/[\r\n]/.test(value);
  return isValid ? null : "must be a path or a single pattern that can match a path";
}

const pattern = text(MAX_PATH_BYTES).superRefine((value, context) => {
  const problem = patternProblem(value);
  if (problem !== null) context.addIssue({ code: "custom", message: problem });
});

/** Strategies by path or pattern. The order of a map decides which of several matching patterns applies. */
export type PathStrategies =
  | Readonly<Record<string, PathStrategy["strategy"]>>
  | ReadonlyMap<string, PathStrategy["strategy"]>;

const strategies = z
  .custom<PathStrategies>(
    (given) => typeof given === "object" && given !== null && !Array.isArray(given),
    "must be an object",
  )
  .transform((given): ReadonlyMap<string, unknown> => (given instanceof Map ? given : new Map(Object.entries(given))))
  .refine((given) => given.size <= MAX_STRATEGIES, `must have at most ${MAX_STRATEGIES} paths or patterns`)
  .pipe(z.map(pattern, z.enum(["fail", "merge", "ours", "theirs"])));

const pullRequest = z.strictObject({
  /** Defaults to the first line of the commit message. */
  title: pullRequestTitle.min(1, "must not be blank").nullable().default(null),
  /** Defaults to a summary of the sync, with its conflicts and the link of the SDK's option `syncUrl`. */
  body: pullRequestBody.nullable().default(null),
  /** GitHub creates labels that the repository does not have. */
  labels: z.array(pullRequestLabel).max(MAX_LABELS).default([]),
  /** Logins, and teams as `organization/team`. */
  reviewers: z.array(pullRequestReviewer).max(MAX_REVIEWERS).default([]),
  draft: z.boolean().default(false),
});

const requestSchema = z.strictObject({
  /** The project and the user it belongs to. Defaults to the project of the source, for a source of one project. */
  project: z
    .strictObject({
      userId: z.union([z.string(), z.int()]).transform(String).pipe(segment),
      projectId: segment,
    })
    .optional(),
  /** `owner/name`. */
  repository: text(MAX_REPOSITORY_BYTES),
  /** Defaults to `main`. Created from the default branch when the repository does not have it. */
  branch: text(MAX_BRANCH_BYTES).default("main"),
  /** The directory of the repository that mirrors the project. Defaults to its root. */
  directory: text(MAX_PATH_BYTES).transform(trimSlashes).default(""),
  /** The strategy for conflicts. Defaults to `merge`. */
  strategy: z.enum(["fail", "merge", "ours", "theirs", "pull_request"]).default("merge"),
  /**
   * Strategies by path, or by pattern with the syntax of `.gitignore`. An exact path takes precedence over patterns, then the
   * first pattern that matches counts. An object lists names that are integers first, a map keeps its order.
   */
  strategies: strategies.default(new Map()),
  /**
   * The direction in which changes are carried. `push` changes the branch only, `pull` the project only, `two_way` both. The
   * source of project files must be writable for the last two. Defaults to `push`.
   */
  direction: z.enum(["push", "pull", "two_way"]).default("push"),
  /**
   * The effect of an unresolved conflict: `stop` fails the sync before anything is written, `skip` leaves the path as it is on
   * both sides and syncs all others. Defaults to `stop`.
   */
  onConflict: z.enum(["stop", "skip"]).default("stop"),
  /** Changes the project although the branch's history no longer contains the head of the last sync, as after a force-push. */
  allowRewrittenHistory: z.boolean().default(false),
  /** The commit message. CRLF becomes LF; other control characters except tab are rejected. Defaults to a summary of the changes. */
  message: message.nullable().default(null),
  /** Limits the sync to these paths. One that the project no longer has is deleted from the branch if this SDK wrote it. */
  filePaths: filePaths.nullable().default(null),
  /** The commit writer. Defaults to `auto`. */
  writer: z.enum(["auto", "graphql", "git-data", "push"]).default("auto"),
  /** Allows the sync to delete more than half of the files. */
  allowMassDeletion: z.boolean().default(false),
  /** Allows the sync to delete all files when the project is empty. Includes `allowMassDeletion`. */
  allowEmptyProject: z.boolean().default(false),
  /** Paths of files that may be sent to GitHub although they contain secrets. Other files with secrets fail the sync with `secret_found`. */
  allowSecrets: filePaths.default([]),
  /** Deletes files from the repository that are ignored now and that earlier syncs wrote. */
  deleteIgnored: z.boolean().default(false),
  /** The author of the commit; the account of the credential stays the committer. Defaults to that account. Not with the writer `graphql`. */
  author: commitPerson.optional(),
  /** Co-authors, which the commit message names. */
  coAuthors: z.array(commitPerson).max(MAX_CO_AUTHORS).default([]),
  /** Attempts the write although the branch's rules forbid it, for a credential on their bypass list. GitHub decides. */
  bypassRules: z.boolean().default(false),
  /**
   * The pull request that the sync opens. An open one is not changed. Only with the strategy `pull_request`, or with
   * `protectedBranch: "pull_request"`.
   */
  pullRequest: pullRequest.optional(),
  /**
   * `pull_request` opens a pull request when the branch is protected; `fail` fails with `branch_protected`. Defaults to the
   * SDK's option of the same name. Always `fail` with `bypassRules`.
   */
  protectedBranch: z.enum(["fail", "pull_request"]).optional(),
  /**
   * `interactive` while a person waits for the sync. `background` syncs run after them, and one that equals a pending sync of the
   * same target, direction and options is answered with that sync's record. Defaults to `interactive`.
   */
  priority: z.enum(["interactive", "background"]).default("interactive"),
  /**
   * The longest time that the sync waits for rate limits of GitHub, from the first one on, in milliseconds. Then it fails with
   * `rate_limited`; with 0, at the first one. Defaults to the SDK's option of the same name.
   */
  rateLimitDeadlineMs: z.int().min(0).optional(),
});

/** The request for a sync. Only `project` and `repository` are required; a source such as `folderFiles` makes `project` optional. */
export type SyncRequest = z.input<typeof requestSchema>;

/** A validated request with its defaults. */
export interface ParsedSyncRequest {
  readonly project: ProjectKey;
  readonly repository: string;
  readonly branch: string;
  readonly directory: string;
  readonly direction: SyncDirection;
  readonly bypassRules: boolean;
  readonly priority: SyncPriority;
  readonly options: SyncOptions;
}

/** The context of a request. */
export interface RequestContext {
  /** The hash of the plan that the sync must still have. Defaults to none. */
  readonly planHash?: string | null;
  /** The project of a request that names none. */
  readonly project?: ProjectKey | undefined;
  /** The policy of a request that names none. Defaults to `fail`. */
  readonly protectedBranch?: ProtectedBranchPolicy | undefined;
  /** The deadline of a request that names none. Defaults to one day. */
  readonly rateLimitDeadlineMs?: number | undefined;
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
  const {
    project = context.project,
    repository,
    branch,
    directory,
    direction,
    bypassRules,
    priority,
    ...rest
  } = parsed.data;
  const { strategies, allowEmptyProject, allowMassDeletion, author = null, pullRequest, ...options } = rest;
  if (project === undefined) throw projectMissing();
  if (direction !== "push" && rest.strategy === "pull_request") throw proposalOfDirection();
  const policy = options.protectedBranch ?? context.protectedBranch ?? "fail";
  // Other directions need their commit on the branch itself.
  const protectedBranch = bypassRules || direction !== "push" ? "fail" : policy;
  if (pullRequest !== undefined && options.strategy !== "pull_request" && protectedBranch === "fail") {
    throw pullRequestWithoutProposal();
  }
  parseRepositoryName(repository);
  assertBranchName(branch);
  if (directory !== "") assertPath(directory);
  for (const path of [...(options.filePaths ?? []), ...options.allowSecrets]) assertPath(path);
  return {
    project,
    repository,
    branch,
    directory,
    direction,
    bypassRules,
    priority,
    options: {
      ...options,
      rateLimitDeadlineMs: options.rateLimitDeadlineMs ?? context.rateLimitDeadlineMs ?? RATE_LIMIT_DEADLINE_MS,
      author,
      protectedBranch,
      pullRequest: pullRequest ?? DEFAULT_PULL_REQUEST,
      allowEmptyProject,
      allowMassDeletion: allowMassDeletion || allowEmptyProject,
      // Stored in ascending order of precedence.
      pathStrategies: Array.from(strategies, ([pattern, strategy]) => ({ pattern, strategy })).reverse(),
      deletePaths: [],
      applyIgnoreRules: true,
      planHash: context.planHash ?? null,
    },
  };
}

function pullRequestWithoutProposal(): GitHubSdkError {
  const message = 'The sync request is not valid. `pullRequest` requires the value "pull_request" for `strategy`.';
  return new GitHubSdkError("validation_failed", message, { details: { option: "pullRequest" } });
}

function proposalOfDirection(): GitHubSdkError {
  const message = "cannot be combined with the strategy `pull_request`";
  return new GitHubSdkError("validation_failed", `The sync request is not valid. direction: ${message}.`, {
    details: { errors: [{ field: "direction", message }] },
  });
}

function projectMissing(): GitHubSdkError {
  const message = "is required, because the source of project files holds more than one project";
  return new GitHubSdkError("validation_failed", `The sync request is not valid. project: ${message}.`, {
    details: { errors: [{ field: "project", message }] },
  });
}
