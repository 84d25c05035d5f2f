import { GitHubSdkError } from "@infrajet/github/errors";
import { changedError, failureOf, unavailableError } from "./azure-failure.js";
import { assertWritablePath } from "./azure-name.js";
import { throwIfAborted } from "./azure-requests.js";
import { TemporaryFile, type WritableProject } from "./temporary-file.js";
import { isUnfinishedName } from "./unfinished-name.js";

/** A writer for the files of one project. */
export interface ProjectWriter {
  /**
   * Creates or replaces a file atomically and creates missing directories. Writes to a temporary file and renames it.
   *
   * @param path relative to the project, with `/` as separator. Azure ignores case: `Main.tf` replaces `main.tf`
   * @throws GitHubSdkError `invalid_path` when Azure Files does not support the path or it is a directory; `source_changed`
   * when the project was deleted; `source_unavailable` when Azure fails
   */
  write(path: string, content: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Deletes a file. Does not delete empty directories.
   *
   * @returns `true` when the file existed
   * @throws GitHubSdkError `invalid_path` when the path is invalid or a directory; `source_unavailable` when Azure fails
   */
  remove(path: string, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
}

/** A writer for an existing project directory. */
export class AzureProjectWriter implements ProjectWriter {
  readonly #project: WritableProject;

  constructor(project: WritableProject) {
    this.#project = project;
  }

  async write(path: string, content: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#assertWritable(path);
    const signals = signalsOf(options);
    const unfinished = new TemporaryFile(this.#project, path);
    try {
      await unfinished.create(content.length, true, signals);
      await unfinished.fill([content], signals);
      await unfinished.moveTo(path, { replaces: true }, signals);
    } catch (error) {
      await unfinished.discard();
      throwIfAborted(signals);
      throw writeError(error, path);
    }
  }

  async remove(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    this.#assertWritable(path);
    const signals = signalsOf(options);
    const client = this.#project.directory.getFileClient(path);
    let sent = 0;
    try {
      await this.#project.requests.send(signals, (abortSignal, tries) => {
        sent = tries;
        return client.delete({ abortSignal });
      });
      return true;
    } catch (error) {
      throwIfAborted(signals);
      // Not found after a second try: the first try deleted the file, but its response was lost.
      if (failureOf(error).kind === "gone") return sent > 1;
      throw writeError(error, path);
    }
  }

  #assertWritable(path: string): void {
    assertWritablePath(path, this.#project.path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (isUnfinishedName(name)) {
      throw new GitHubSdkError("invalid_path", `${JSON.stringify(path)} is reserved for temporary files.`);
    }
  }
}

function signalsOf({ signal }: { readonly signal?: AbortSignal }): readonly AbortSignal[] {
  signal?.throwIfAborted();
  return signal === undefined ? [] : [signal];
}

function writeError(error: unknown, path: string): GitHubSdkError {
  const { kind, code } = failureOf(error);
  // A file at the top level has no parents besides the project's directory, so that directory was deleted.
  if (kind === "gone" && !path.includes("/")) return changedError("", error);
  if (kind === "gone" || kind === "changed" || code === "ResourceAlreadyExists") {
    const message = `${JSON.stringify(path)} cannot be written: it is a directory, or one of its parents is a file.`;
    return new GitHubSdkError("invalid_path", message, { details: { path } });
  }
  return unavailableError(error, path);
}
