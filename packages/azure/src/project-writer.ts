import type { ShareDirectoryClient, ShareFileClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { changedError, failureOf, unavailableError } from "./azure-failure.js";
import { assertWritablePath } from "./azure-name.js";
import { type AzureRequests, throwIfAborted } from "./azure-requests.js";
import { below } from "./find-project.js";
import { isUnfinishedName, unfinishedName } from "./unfinished-name.js";

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

// The maximum size of one write request.
const RANGE = 4 * 1024 * 1024;

/** A writer for an existing project directory. */
export class AzureProjectWriter implements ProjectWriter {
  readonly #directory: ShareDirectoryClient;
  readonly #path: string;
  readonly #requests: AzureRequests;

  /** @param path the directory's path in the share */
  constructor(directory: ShareDirectoryClient, path: string, requests: AzureRequests) {
    this.#directory = directory;
    this.#path = path;
    this.#requests = requests;
  }

  async write(path: string, content: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#assertWritable(path);
    const signals = signalsOf(options);
    const parents = path.split("/").slice(0, -1);
    const unfinished = below(this.#directory, parents).getFileClient(unfinishedName());
    try {
      await this.#create(unfinished, parents, content.length, signals);
      await this.#fill(unfinished, content, signals);
      await this.#rename(unfinished, `${this.#path}/${path}`, signals);
    } catch (error) {
      await this.#discard(unfinished);
      throwIfAborted(signals);
      throw writeError(error, path);
    }
  }

  async remove(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<boolean> {
    this.#assertWritable(path);
    const signals = signalsOf(options);
    const client = this.#directory.getFileClient(path);
    let sent = 0;
    try {
      await this.#requests.send(signals, (abortSignal, tries) => {
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

  async #create(
    file: ShareFileClient,
    parents: readonly string[],
    size: number,
    signals: readonly AbortSignal[],
  ): Promise<void> {
    const create = (): Promise<unknown> =>
      this.#requests.send(signals, (abortSignal) => file.create(size, { abortSignal }));
    try {
      await create();
    } catch (error) {
      if (failureOf(error).kind !== "gone" || parents.length === 0) throw error;
      await createDirectories(this.#directory, parents, this.#requests, signals);
      await create();
    }
  }

  async #fill(file: ShareFileClient, content: Uint8Array, signals: readonly AbortSignal[]): Promise<void> {
    for (let offset = 0; offset < content.length; offset += RANGE) {
      const range = content.subarray(offset, offset + RANGE);
      await this.#requests.send(signals, (abortSignal) =>
        file.uploadRange(range, offset, range.length, { abortSignal }),
      );
    }
  }

  /** @param to the new path in the share */
  async #rename(from: ShareFileClient, to: string, signals: readonly AbortSignal[]): Promise<void> {
    let sent = 0;
    try {
      await this.#requests.send(signals, (abortSignal, tries) => {
        sent = tries;
        return from.rename(`${accountPath(from)}${to}`, { abortSignal, replaceIfExists: true });
      });
    } catch (error) {
      // No other client knows the temporary name, so "not found" after a second try means that the first try renamed the file.
      if (failureOf(error).kind !== "gone" || sent === 1) throw error;
    }
  }

  /** Deletes the temporary file. Ignores failures, so that they do not hide the error of the write. */
  async #discard(unfinished: ShareFileClient): Promise<void> {
    await this.#requests.once([], (abortSignal) => unfinished.deleteIfExists({ abortSignal })).catch(() => {});
  }

  #assertWritable(path: string): void {
    assertWritablePath(path, this.#path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (isUnfinishedName(name)) {
      throw new GitHubSdkError("invalid_path", `${JSON.stringify(path)} is reserved for temporary files.`);
    }
  }
}

/**
 * Creates the missing directories on a path below another directory.
 *
 * @throws the Azure client's error
 */
export async function createDirectories(
  from: ShareDirectoryClient,
  segments: readonly string[],
  requests: AzureRequests,
  signals: readonly AbortSignal[],
): Promise<void> {
  for (let depth = 1; depth <= segments.length; depth += 1) {
    const directory = below(from, segments.slice(0, depth));
    await requests.send(signals, (abortSignal) => directory.createIfNotExists({ abortSignal }));
  }
}

/**
 * Returns the prefix that a rename's destination needs when the URL's path contains the account, as in
 * `http://127.0.0.1/account`. The Azure client assumes that the path begins with the share.
 */
function accountPath({ url, shareName }: ShareFileClient): string {
  const [first, second] = new URL(url).pathname.split("/").slice(1);
  return first !== shareName && second === shareName ? `../${first}/${shareName}/` : "";
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
