import type { AuthorizeWrite } from "../domain/authorize-write.js";
import type { CommitAuthor } from "../domain/commit-author.js";
import type { ConflictStrategy } from "../domain/conflict.js";
import type { GivenFile } from "../domain/project-file.js";
import { DEFAULT_PULL_REQUEST } from "../domain/pull-request-options.js";
import type { InstallationSource } from "../domain/sync-source.js";
import { GitHubSdkError } from "../errors.js";
import { assertBranchName } from "../git/branch-name.js";
import { commitMessageProblem, MAX_COMMIT_MESSAGE_BYTES, normalizeCommitMessage } from "../git/commit-message.js";
import { parseCommitPeople } from "../git/commit-person.js";
import { assertPath, parentPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";
import type { ParsedSyncRequest } from "./sync-request.js";

/** Files that come with a call and are written to a branch. */
export interface WriteFilesRequest {
  /** `app:{installationId}`: the installation that writes. Files that this source wrote before are the base of the comparison. */
  readonly source: InstallationSource;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly message: string;
  /** By path in the repository; `null` deletes. */
  readonly files: ReadonlyMap<string, GivenFile | null>;
  readonly strategy: Extract<ConflictStrategy, "ours" | "fail">;
  /** The author of the commit. Defaults to the installation's bot, which stays the committer. */
  readonly author?: CommitAuthor | undefined;
  readonly coAuthors?: readonly CommitAuthor[] | undefined;
  /** Paths of files that may be sent to GitHub although they contain secrets. Defaults to none. */
  readonly allowSecrets?: readonly string[] | undefined;
  /** Checks right before the branch moves that the caller still has the right to write. Rejects when not. */
  readonly authorize?: AuthorizeWrite;
}

const MAX_FILES = 10_000;

/**
 * Turns a request into the sync that carries it out.
 *
 * @throws GitHubSdkError `validation_failed`, `invalid_repository_name`, `invalid_branch`, `invalid_path`, `path_collision`
 */
export function parseWriteFilesRequest(request: WriteFilesRequest): ParsedSyncRequest {
  const { source, repository, branch, message, files, strategy, allowSecrets = [] } = request;
  if (files.size === 0) throw new GitHubSdkError("validation_failed", "`files` must contain at least one file.");
  if (files.size > MAX_FILES) {
    throw new GitHubSdkError("validation_failed", `\`files\` must contain at most ${MAX_FILES} files.`);
  }
  const normalized = message.length > MAX_COMMIT_MESSAGE_BYTES ? message : normalizeCommitMessage(message);
  const problem = commitMessageProblem(normalized);
  if (problem !== null) throw new GitHubSdkError("validation_failed", `\`commit_message\` ${problem}.`);
  parseRepositoryName(repository);
  assertBranchName(branch);
  for (const [path, file] of files) assertPath(path, file?.mode ?? undefined);
  if (allowSecrets.length > MAX_FILES) {
    throw new GitHubSdkError("validation_failed", `\`allowSecrets\` must contain at most ${MAX_FILES} paths.`);
  }
  for (const path of allowSecrets) assertPath(path);
  assertRoom(files);
  const deletePaths = [...files].filter(([, file]) => file === null).map(([path]) => path);
  return {
    project: { userId: source, projectId: "files" },
    repository,
    branch,
    directory: "",
    direction: "push",
    bypassRules: false,
    priority: "interactive",
    options: {
      strategy,
      pathStrategies: [],
      message: normalized,
      filePaths: [...files.keys()],
      deletePaths,
      applyIgnoreRules: false,
      writer: "auto",
      allowMassDeletion: true,
      allowEmptyProject: true,
      deleteIgnored: false,
      planHash: null,
      pullRequest: DEFAULT_PULL_REQUEST,
      protectedBranch: "fail",
      onConflict: "stop",
      allowRewrittenHistory: false,
      // The caller waits.
      rateLimitDeadlineMs: 0,
      allowSecrets,
      ...parseCommitPeople(request),
    },
  };
}

/** Returns the files that have a content. */
export function filesToWrite(files: WriteFilesRequest["files"]): ReadonlyMap<string, GivenFile> {
  return new Map([...files].flatMap(([path, file]) => (file === null ? [] : [[path, file] as const])));
}

/** Git does not allow a file and a directory with the same name. */
function assertRoom(files: WriteFilesRequest["files"]): void {
  const written = filesToWrite(files);
  for (const path of written.keys()) {
    for (let above = parentPath(path); above !== ""; above = parentPath(above)) {
      if (!written.has(above)) continue;
      throw new GitHubSdkError(
        "path_collision",
        `${above} cannot be both a file and the directory of ${path}. Rename one of them.`,
        {
          details: { paths: [above, path] },
        },
      );
    }
  }
}
