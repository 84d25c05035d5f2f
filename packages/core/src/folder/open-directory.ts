import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import { pathOfDescriptor } from "./descriptor-path.js";
import { changedError, errorCode } from "./file-error.js";

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

// The errors of file systems on which a directory cannot be synchronized.
const NO_SYNC = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF"]);

/**
 * A directory of a project that is open for access to its entries.
 *
 * On Linux all access goes through the open descriptor, so that replacing the directory, or one above it, with a symbolic link
 * cannot lead out of the project. Other systems have no such access: there the path is checked before and after, and a process
 * that may write to the project can win the race.
 */
export class OpenDirectory {
  readonly #handle: FileHandle | null;
  readonly #absolute: string;
  readonly #path: string;
  /** The path by which the directory's entries are accessed. */
  readonly location: string;

  private constructor(handle: FileHandle | null, absolute: string, path: string) {
    this.#handle = handle;
    this.#absolute = absolute;
    this.#path = path;
    this.location = handle === null ? absolute : `/proc/self/fd/${handle.fd}`;
  }

  /**
   * Opens a directory.
   *
   * @param absolute the real path of the directory
   * @param path the path in the project, for errors
   * @throws GitHubSdkError `source_changed` when the path does not lead to a directory at exactly this place
   */
  static async open(absolute: string, path: string): Promise<OpenDirectory> {
    if (process.platform !== "linux") {
      const directory = new OpenDirectory(null, absolute, path);
      await directory.assertInPlace();
      return directory;
    }
    const handle = await open(absolute, FLAGS);
    try {
      const directory = new OpenDirectory(handle, absolute, path);
      await directory.assertInPlace();
      return directory;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Returns the path for access to an entry of the directory. */
  entry(name: string): string {
    return join(this.location, name);
  }

  /** @throws GitHubSdkError `source_changed` when the directory is no longer at its path, or is not a directory. */
  async stats(): Promise<BigIntStats> {
    const stats = this.#handle === null ? await lstat(this.#absolute, { bigint: true }) : await this.#statsOfHandle();
    if (!stats.isDirectory()) throw changedError(this.#path);
    return stats;
  }

  /** @throws GitHubSdkError `source_changed` when the directory is no longer at its path. */
  async assertInPlace(): Promise<void> {
    const current = this.#handle === null ? await realpath(this.#absolute) : await pathOfDescriptor(this.#handle.fd);
    if (current !== this.#absolute) throw changedError(this.#path);
  }

  /** Makes the names of the directory survive a power failure, where the system can. */
  async sync(): Promise<void> {
    try {
      await this.#handle?.sync();
    } catch (error) {
      if (!NO_SYNC.has(errorCode(error) ?? "")) throw error;
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }

  #statsOfHandle(): Promise<BigIntStats> {
    if (this.#handle === null) throw new Error("unreachable: the directory has no handle");
    return this.#handle.stat({ bigint: true });
  }
}
