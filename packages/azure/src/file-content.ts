import { Readable } from "node:stream";
import type { FileDownloadResponseModel, ShareFileClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { azureError, changedError, failureOf } from "./azure-failure.js";
import { type AzureRequests, throwIfAborted } from "./azure-requests.js";
import { type FileVersion, isVersion, versionTag } from "./version-tag.js";

// So little comes in one piece, and no write can fall in between.
const ONE_PIECE = 64 * 1024;

/** What reading a file needs to know. */
export interface FileReading {
  readonly client: ShareFileClient;
  /** The file's path, for errors. */
  readonly path: string;
  readonly requests: AzureRequests;
  readonly signals: readonly AbortSignal[];
  /** Nothing can be written to the file, since it lies in a snapshot. */
  readonly isFrozen: boolean;
}

/** A file that is being downloaded, of one version from the first byte to the last. */
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
    this.version = { ...propertiesOf(first), size: this.#size };
  }

  /**
   * Opens the file.
   *
   * @param onClose called when the connection is let go of, once or more.
   * @throws GitHubSdkError `source_changed`, `source_unavailable`.
   */
  static async open(reading: FileReading, onClose: (content: FileContent) => void): Promise<FileContent> {
    return new FileContent(reading, await download(reading, 0, null), onClose);
  }

  /**
   * The bytes, once. A connection that is cut off is taken up where it broke, in the same version.
   *
   * @throws GitHubSdkError `source_changed` when something was written to the file meanwhile, `source_unavailable`.
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
          // Whatever broke the stream off, the SDK calls it an abort.
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

  /** Lets go of the connection, read or not. */
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
    if (this.#isSame({ ...propertiesOf(rest), size: this.#size })) return body;
    body.destroy();
    throw changedError(this.#reading.path);
  }

  /** An answer is no snapshot: what is sent late may have been written after what was sent first. */
  async #confirm(): Promise<void> {
    const { client, requests, signals, isFrozen, path } = this.#reading;
    if (isFrozen || this.#size <= ONE_PIECE) return;
    const now = await requests.send(signals, (abortSignal) => client.getProperties({ abortSignal }));
    if (!this.#isSame({ ...propertiesOf(now), size: now.contentLength })) throw changedError(path);
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
  if (!(stream instanceof Readable)) throw new GitHubSdkError("source_unavailable", "Azure Files sent no content.");
  // Told by the iterator; a stream that breaks off before anybody reads it must not end the process.
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

function propertiesOf(answer: {
  readonly etag?: string;
  readonly lastModified?: Date;
  readonly fileId?: string;
  readonly fileLastWriteOn?: Date;
  readonly fileChangeOn?: Date;
}): Omit<FileVersion, "size"> {
  const { etag, lastModified, fileId, fileLastWriteOn: lastWriteTime, fileChangeOn: changeTime } = answer;
  return { etag, lastModified, fileId, lastWriteTime, changeTime };
}
