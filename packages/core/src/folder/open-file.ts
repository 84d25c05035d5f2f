import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { changedError, fileError } from "./file-error.js";
import { isSameStamp } from "./version-tag.js";

const CHUNK_BYTES = 64 * 1024;

// O_NOFOLLOW: a link that took the file's place is not followed. O_NONBLOCK: neither is a pipe waited for.
// Both are missing on Windows, where they count as 0.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A regular file that is open for reading, with what the file system said of it when it was opened. */
export class OpenFile {
  readonly #handle: FileHandle;
  readonly #absolute: string;
  readonly #path: string;
  readonly #onClose: (() => void)[];
  #closing: Promise<void> | null = null;

  private constructor(
    handle: FileHandle,
    readonly stats: BigIntStats,
    absolute: string,
    path: string,
    release: () => void,
  ) {
    this.#handle = handle;
    this.#absolute = absolute;
    this.#path = path;
    this.#onClose = [release];
  }

  /**
   * Opens a file; `release` is called when it is closed, or when it cannot be opened.
   *
   * @throws GitHubSdkError `source_changed` when there is no regular file at the path, `source_unavailable`.
   */
  static async open(absolute: string, path: string, release: () => void): Promise<OpenFile> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(absolute, FLAGS);
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile()) throw changedError(path);
      return new OpenFile(handle, stats, absolute, path, release);
    } catch (error) {
      await handle?.close();
      release();
      throw fileError(error, path);
    }
  }

  /** Has something done once the file is closed. */
  onClose(action: () => void): void {
    this.#onClose.push(action);
  }

  /**
   * The bytes, in chunks of their own; the file is closed afterwards, however the reading ends.
   *
   * @param confirm asked before a byte is given away, and after the last one was read; rejects when what was read may be torn.
   */
  async *bytes(confirm: () => Promise<void>, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    try {
      const size = Number(this.stats.size);
      for (let position = 0; position < size; ) {
        signal?.throwIfAborted();
        const chunk = await this.#chunk(position, Math.min(CHUNK_BYTES, size - position));
        const isFirst = position === 0;
        position += chunk.length;
        if (isFirst || position === size) await confirm();
        yield chunk;
      }
      if (size === 0) await confirm();
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(error, this.#path);
    } finally {
      await this.close();
    }
  }

  /** @throws GitHubSdkError `source_changed` when the file was written to, or its path holds another one. */
  async assertUnchanged(): Promise<void> {
    const named = await lstat(this.#absolute, { bigint: true });
    if (!isSameStamp(named, this.stats) || named.dev !== this.stats.dev) throw changedError(this.#path);
  }

  /** Closes the file; more than once is as good as once. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #chunk(position: number, length: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await this.#handle.read(buffer, 0, length, position);
    if (bytesRead === 0) throw changedError(this.#path);
    return buffer.subarray(0, bytesRead);
  }

  async #close(): Promise<void> {
    try {
      await this.#handle.close();
    } finally {
      for (const action of this.#onClose) action();
    }
  }
}
