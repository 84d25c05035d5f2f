import { Readable } from "node:stream";
import type { FileDownloadResponseModel, ShareFileClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { azureError, changedError, failureOf } from "./azure-failure.js";
import { type AzureRequests, throwIfAborted } from "./azure-requests.js";
import { type FileVersion, isVersion, versionTag } from "./version-tag.js";

// A file of up to this size is read by Azure in one piece, so no write can happen in between.
const ONE_PIECE = 64 * 1024;

/** A file to read. */
export interface FileReading {
  readonly client: ShareFileClient;
  /** The file's path in the project, for errors. */
  readonly path: string;
  readonly requests: AzureRequests;
  readonly signals: readonly AbortSignal[];
  /** True for a file in a snapshot, which cannot change. */
  readonly isFrozen: boolean;
}

/** A download of one version of a file. */
export class FileContent {
  readonly version: FileVersion;
  readonly #reading: FileReading;
  readonly #first: Body;
  readonly #size: number;
  readonly #onClose: (content: FileContent) => void;

  private constructor(reading: FileReading, first: FileDownloadResponseModel, onClose: (content: FileContent) => void) {
    this.#reading = reading;
    this.#onClose = onClose;
    this.#first = bodyOf(first);
    this.#size = first.contentLength ?? 0;
    this.version = { ...versionOf(first), size: this.#size };
  }

  /**
   * Opens a file.
   *
   * @param onClose called when the connection is closed, possibly more than once
   * @throws GitHubSdkError `source_changed` when the file was deleted; `source_unavailable` when Azure fails
   */
  static async open(reading: FileReading, onClose: (content: FileContent) => void): Promise<FileContent> {
    return new FileContent(reading, await download(reading, 0, null), onClose);
  }

  /**
   * Returns the bytes. Can be iterated once. Continues an interrupted download where it stopped.
   *
   * @throws GitHubSdkError `source_changed` when the file was written meanwhile; `source_unavailable` when Azure fails
   */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const { requests, signals, path } = this.#reading;
    let body = this.#first;
    let offset = 0;
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          for (let piece = await this.#next(body); piece !== null; piece = await this.#next(body)) {
            offset += piece.length;
            yield piece;
          }
          break;
        } catch (error) {
          throwIfAborted(signals);
          // The Azure client reports every interrupted stream as an abort, which would not be retried.
          await requests.pauseAfter({ ...failureOf(error), isTransient: true }, tries, signals, error);
        }
        body.destroy();
        if (offset === this.#size) break;
        body = await this.#resume(offset);
      }
      await this.#confirm();
    } catch (error) {
      throwIfAborted(signals);
      throw azureError(error, path);
    } finally {
      body.destroy();
      this.close();
    }
  }

  /** Closes the connection. */
  close(): void {
    this.#first.destroy();
    this.#onClose(this);
  }

  async #next(body: Body): Promise<Uint8Array | null> {
    const { requests, signals } = this.#reading;
    const { done, value } = await requests.once(signals, () => body.pieces.next());
    return done === true ? null : value;
  }

  async #resume(offset: number): Promise<Body> {
    const rest = await download(this.#reading, offset, this.#size - offset);
    const body = bodyOf(rest);
    if (this.#isSame({ ...versionOf(rest), size: this.#size })) return body;
    body.destroy();
    throw changedError(this.#reading.path);
  }

  /** Compares the version again after the download: the last bytes may have been written after the first ones were sent. */
  async #confirm(): Promise<void> {
    const { client, requests, signals, isFrozen, path } = this.#reading;
    if (isFrozen || this.#size <= ONE_PIECE) return;
    const now = await requests.send(signals, (abortSignal) => client.getProperties({ abortSignal }));
    if (!this.#isSame({ ...versionOf(now), size: now.contentLength })) throw changedError(path);
  }

  #isSame(other: FileVersion): boolean {
    const tag = versionTag(this.version);
    return tag !== null && isVersion(tag, other);
  }
}

interface Body {
  readonly pieces: AsyncIterator<Uint8Array>;
  destroy(): void;
}

function bodyOf({ readableStreamBody: stream }: FileDownloadResponseModel): Body {
  if (!(stream instanceof Readable))
    throw new GitHubSdkError("source_unavailable", "Azure Files returned a response without content.");
  // The iterator throws the error too. Without a listener, an error before the first read would end the process.
  stream.on("error", () => {});
  return { pieces: stream[Symbol.asyncIterator](), destroy: () => stream.destroy() };
}

/** @param count `null` for the whole file */
async function download(
  { client, path, requests, signals }: FileReading,
  offset: number,
  count: number | null,
): Promise<FileDownloadResponseModel> {
  try {
    return await requests.send(signals, (abortSignal) =>
      client.download(offset, count ?? undefined, { abortSignal, maxRetryRequests: 0 }),
    );
  } catch (error) {
    throwIfAborted(signals);
    throw azureError(error, path);
  }
}

/** Returns the version in a response, without its size. */
export function versionOf(response: {
  readonly etag?: string;
  readonly lastModified?: Date;
  readonly fileId?: string;
  readonly fileLastWriteOn?: Date;
  readonly fileChangeOn?: Date;
}): Omit<FileVersion, "size"> {
  const { etag, lastModified, fileId, fileLastWriteOn: lastWriteTime, fileChangeOn: changeTime } = response;
  return { etag, lastModified, fileId, lastWriteTime, changeTime };
}
