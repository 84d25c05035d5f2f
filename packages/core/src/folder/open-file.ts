import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { pathOfDescriptor } from "./descriptor-path.js";
import { changedError, fileError } from "./file-error.js";
import { isSameStamp } from "./version-tag.js";

const CHUNK_BYTES = 64 * 1024;

// O_NOFOLLOW does not follow a link that replaced the file, O_NONBLOCK does not wait for a pipe that did.
// Windows has neither, so there they are 0.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A regular file that is open for reading, with its state when it was opened. */
export class OpenFile {
  readonly #handle: FileHandle;
  readonly #absolute: string;
  readonly #path: string;
  readonly #onClose: (() => void)[];
  #closing: Promise<void> | null = null;
  readonly stats: BigIntStats;

  private constructor(handle: FileHandle, stats: BigIntStats, absolute: string, path: string, release: () => void) {
    this.stats = stats;
    this.#handle = handle;
    this.#absolute = absolute;
    this.#path = path;
    this.#onClose = [release];
  }

  /**
   * Opens a file. `release` is called when it is closed, or cannot be opened.
   *
   * @param absolute the real path of the file
   * @param path the path in the project, for errors
   * @throws GitHubSdkError `source_changed` when the path does not lead to a regular file at exactly this place,
   * `source_unavailable`.
   */
  static async open(absolute: string, path: string, release: () => void): Promise<OpenFile> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(absolute, FLAGS);
      const stats = await handle.stat({ bigint: true });
      const file = new OpenFile(handle, stats, absolute, path, release);
      await file.#assertInPlace();
      if (!stats.isFile()) throw changedError(path);
      return file;
    } catch (error) {
      await handle?.close();
      release();
      throw fileError(error, path);
    }
  }

  /** Registers an action that runs once the file is closed. */
  onClose(action: () => void): void {
    this.#onClose.push(action);
  }

  /**
   * Yields the bytes in chunks, and closes the file afterwards, however the reading ends. Before the first byte and after the
   * last one it checks that the file has not changed.
   *
   * @throws GitHubSdkError `source_changed`, `source_unavailable`
   */
  async *bytes(signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
    try {
      const size = Number(this.stats.size);
      for (let position = 0; position < size; ) {
        signal?.throwIfAborted();
        const chunk = await this.#chunk(position, Math.min(CHUNK_BYTES, size - position));
        const isFirst = position === 0;
        position += chunk.length;
        if (isFirst || position === size) await this.#assertUnchanged();
        yield chunk;
      }
      if (size === 0) await this.#assertUnchanged();
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(error, this.#path);
    } finally {
      await this.close();
    }
  }

  /** @throws GitHubSdkError `source_changed` when the file was written to, or its path has another file. */
  async #assertUnchanged(): Promise<void> {
    // On Linux the descriptor was checked at opening; elsewhere the directory may have become a link since.
    if (process.platform !== "linux") await this.#assertInPlace();
    const named = await lstat(this.#absolute, { bigint: true });
    if (!isSameStamp(named, this.stats) || named.dev !== this.stats.dev) throw changedError(this.#path);
  }

  /**
   * The open descriptor decides on Linux. Elsewhere only paths can be compared, and a process that may write to the project can
   * win the race.
   */
  async #assertInPlace(): Promise<void> {
    if (process.platform === "linux") {
      if ((await pathOfDescriptor(this.#handle.fd)) !== this.#absolute) throw changedError(this.#path);
      return;
    }
    const directory = dirname(this.#absolute);
    if ((await realpath(directory)) !== directory) throw changedError(this.#path);
  }

  /** Closes the file. It can be called several times. */
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
