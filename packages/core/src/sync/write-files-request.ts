import type { ConflictStrategy } from "../domain/conflict.js";
import { GitHubSdkError } from "../errors.js";
import { assertBranchName } from "../git/branch-name.js";
import { assertPath } from "../git/path.js";
import { parseRepositoryName } from "../github/repository-name.js";
import type { GivenFile } from "./given-files.js";
import type { ParsedSyncRequest } from "./sync-request.js";

/** Files that come with a call, to be written to a branch. */
export interface WriteFilesRequest {
  /** In whose name: `app:{installation}`. What this source wrote before is the base of the comparison. */
  readonly source: `app:${number}`;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly message: string;
  /** By path in the repository; `null` deletes. */
  readonly files: ReadonlyMap<string, GivenFile | null>;
  readonly strategy: Extract<ConflictStrategy, "ours" | "fail">;
}

/**
 * The request as the sync that carries it out.
 *
 * @throws GitHubSdkError `validation_failed`, `invalid_repository_name`, `invalid_branch`, `invalid_path`
 */
export function parseWriteFilesRequest(request: WriteFilesRequest): ParsedSyncRequest {
  const { source, repository, branch, message, files, strategy } = request;
  if (files.size === 0) throw new GitHubSdkError("validation_failed", "files: give at least one file.");
  if (message.trim() === "") throw new GitHubSdkError("validation_failed", "commit_message: must not be empty.");
  parseRepositoryName(repository);
  assertBranchName(branch);
  for (const path of files.keys()) assertPath(path);
  const deletePaths = [...files].filter(([, file]) => file === null).map(([path]) => path);
  return {
    project: { userId: source, projectId: "files" },
    repository,
    branch,
    directory: "",
    bypassRules: false,
    options: {
      strategy,
      pathStrategies: [],
      message,
      filePaths: [...files.keys()],
      deletePaths,
      applyIgnoreRules: false,
      writer: "auto",
      allowMassDeletion: true,
      deleteIgnored: false,
      planHash: null,
    },
  };
}

/** The files that have a content. */
export function filesToWrite(files: WriteFilesRequest["files"]): ReadonlyMap<string, GivenFile> {
  return new Map([...files].flatMap(([path, file]) => (file === null ? [] : [[path, file] as const])));
}
