import type { ShareDirectoryClient, ShareFileClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { changedError, failureOf, unavailableError } from "./azure-failure.js";
import { assertWritablePath } from "./azure-name.js";
import { type AzureRequests, throwIfAborted } from "./azure-requests.js";
import { below } from "./find-project.js";
import { isUnfinishedName, unfinishedName } from "./unfinished-name.js";

/** Writes the files of one project. */
export interface ProjectWriter {
  /**
   * Creates a file or replaces it, directories on the way included. Nobody sees a part of it: it is written beside its place
   * and renamed when it is whole.
   *
   * @param path relative to the project, segments parted by `/`. Azure ignores case: `Main.tf` replaces `main.tf`.
   * @throws GitHubSdkError `invalid_path` for a path that Azure Files does not take, or where a directory is;
   * `source_changed` when the project is gone; `source_unavailable`.
   */
  write(path: string, content: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Deletes a file. Directories stay, empty or not.
   *
   * @returns whether there was one.
   * @throws GitHubSdkError `invalid_path`, `source_unavailable`.
   */
  remove(path: string, options?: { readonly signal?: AbortSignal }): Promise<boolean>;
}

// The most that Azure takes in one request.
const RANGE = 4 * 1024 * 1024;

/** Writes below a project's directory, which is there. */
export class AzureProjectWriter implements ProjectWriter {
  readonly #directory: ShareDirectoryClient;
  readonly #path: string;
  readonly #requests: AzureRequests;

  /** @param path the directory's in the share */
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
      // Gone after a try whose answer was lost: that try deleted it.
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

  /** @param to a path in the share */
  async #rename(from: ShareFileClient, to: string, signals: readonly AbortSignal[]): Promise<void> {
    let sent = 0;
    try {
      await this.#requests.send(signals, (abortSignal, tries) => {
        sent = tries;
        return from.rename(`${accountPath(from)}${to}`, { abortSignal, replaceIfExists: true });
      });
    } catch (error) {
      // Nobody else knows the name: gone after a try whose answer was lost, it has been renamed.
      if (failureOf(error).kind !== "gone" || sent === 1) throw error;
    }
  }

  /** Removes what was begun; a failure must not hide why it was not finished. */
  async #discard(unfinished: ShareFileClient): Promise<void> {
    await this.#requests.once([], (abortSignal) => unfinished.deleteIfExists({ abortSignal })).catch(() => {});
  }

  #assertWritable(path: string): void {
    assertWritablePath(path, this.#path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (isUnfinishedName(name)) {
      throw new GitHubSdkError("invalid_path", `${JSON.stringify(path)} is a name for unfinished files.`);
    }
  }
}

/**
 * Creates the directories that lead down from another one, as far as they are missing.
 *
 * @throws what the client throws.
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
 * What has to come before the destination of a renaming where the account is part of the path, as in `http://127.0.0.1/account`:
 * the SDK puts the share at the root.
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
  // The project's own directory, which was there, has nothing in its way.
  if (kind === "gone" && !path.includes("/")) return changedError("", error);
  if (kind === "gone" || kind === "changed" || code === "ResourceAlreadyExists") {
    const message = `${JSON.stringify(path)} cannot be a file: there is a directory in its place, or a file in its way.`;
    return new GitHubSdkError("invalid_path", message, { details: { path } });
  }
  return unavailableError(error, path);
}
