import type { FileRenameResponse, ShareDirectoryClient, ShareFileClient } from "@azure/storage-file-share";
import { failureOf } from "./azure-failure.js";
import type { AzureRequests } from "./azure-requests.js";
import { below } from "./find-project.js";
import { unfinishedName } from "./unfinished-name.js";

// The maximum size of one write request.
const RANGE = 4 * 1024 * 1024;
// Another write may remove the directory, empty again, between its creation and that of the file.
const CREATION_TRIES = 5;

/** The directory of a project and the requests to it. */
export interface WritableProject {
  readonly directory: ShareDirectoryClient;
  /** The directory's path in the share. */
  readonly path: string;
  readonly requests: AzureRequests;
}

/** A file with a temporary name beside the one that it becomes. Listings of projects skip it. */
export class TemporaryFile {
  readonly #project: WritableProject;
  readonly #parents: readonly string[];
  readonly #client: ShareFileClient;

  /**
   * @param path the file that it becomes, or another one in the same directory
   * @param id a UUID. Defaults to a random one
   */
  constructor(project: WritableProject, path: string, id?: string) {
    this.#project = project;
    this.#parents = path.split("/").slice(0, -1);
    this.#client = below(project.directory, this.#parents).getFileClient(unfinishedName(id));
  }

  /** Creates the file, or empties it. Returns true when it created directories for it. */
  async create(size: number, createsDirectories: boolean, signals: readonly AbortSignal[]): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#project.requests.send(signals, (abortSignal) => this.#client.create(size, { abortSignal }));
        return tries > 1;
      } catch (error) {
        const isMissing = failureOf(error).kind === "gone" && this.#parents.length > 0;
        if (!isMissing || !createsDirectories || tries === CREATION_TRIES) throw error;
      }
      await createDirectories(this.#project.directory, this.#parents, this.#project.requests, signals);
    }
  }

  /** Writes the content from the beginning, with one range in memory. */
  async fill(
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    signals: readonly AbortSignal[],
  ): Promise<void> {
    let offset = 0;
    for await (const range of ranges(content)) {
      const at = offset;
      await this.#project.requests.send(signals, (abortSignal) =>
        this.#client.uploadRange(range, at, range.length, { abortSignal }),
      );
      offset += range.length;
    }
  }

  /**
   * Gives the file its name.
   *
   * @param leaseId the lease of the file that is replaced
   */
  async moveTo(
    path: string,
    { replaces, leaseId }: { readonly replaces: boolean; readonly leaseId?: string },
    signals: readonly AbortSignal[],
  ): Promise<FileRenameResponse | null> {
    const to = `${accountPath(this.#client)}${this.#project.path}/${path}`;
    const lease = leaseId === undefined ? {} : { destinationLeaseAccessConditions: { leaseId } };
    let sent = 0;
    try {
      const { fileRenameResponse } = await this.#project.requests.send(signals, (abortSignal, tries) => {
        sent = tries;
        return this.#client.rename(to, { abortSignal, replaceIfExists: replaces, ...lease });
      });
      return fileRenameResponse;
    } catch (error) {
      // No other client knows the temporary name, so "not found" after a second try means that the first try renamed the file.
      if (failureOf(error).kind !== "gone" || sent === 1) throw error;
      return null;
    }
  }

  /** Deletes the file, if it exists. */
  async remove(): Promise<void> {
    await this.#project.requests.send([], (abortSignal) => this.#client.deleteIfExists({ abortSignal }));
  }

  /** Deletes the file with one request. Ignores failures, so that they do not hide the error of the write. */
  async discard(): Promise<void> {
    await this.#project.requests
      .once([], (abortSignal) => this.#client.deleteIfExists({ abortSignal }))
      .catch(() => {});
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

/** Joins pieces to ranges of the largest size, and splits larger pieces. */
async function* ranges(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    for (let start = 0; start < piece.length; ) {
      const part = piece.subarray(start, start + RANGE - length);
      pieces.push(part);
      length += part.length;
      start += part.length;
      if (length < RANGE) continue;
      yield joined(pieces);
      [pieces, length] = [[], 0];
    }
  }
  if (length > 0) yield joined(pieces);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}

/**
 * Returns the prefix that a rename's destination needs when the URL's path contains the account, as in
 * `http://127.0.0.1/account`. The Azure client assumes that the path begins with the share.
 */
function accountPath({ url, shareName }: ShareFileClient): string {
  const [first, second] = new URL(url).pathname.split("/").slice(1);
  return first !== shareName && second === shareName ? `../${first}/${shareName}/` : "";
}
