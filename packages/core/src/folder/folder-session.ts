import type { BigIntStats, Dirent } from "node:fs";
import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import pMap from "p-map";
import type { Clock } from "../adapters/clock.js";
import type { ProjectFileContent, ProjectFilesSession } from "../adapters/project-files.js";
import type { FileMode, ProjectEntry, ProjectFile } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";
import { changedError, errorCode, fileError, isGone } from "./file-error.js";
import type { FileSlots } from "./file-slots.js";
import { OpenFile } from "./open-file.js";
import type { ProjectDirectory } from "./project-directory.js";
import { isSameStamp, versionTag } from "./version-tag.js";

/** What all sessions of one source share. */
export interface FolderContext {
  readonly clock: Clock;
  readonly slots: FileSlots;
  /** Whether the file system's executable bits mean something. */
  readonly fileMode: boolean;
}

const LISTING_TRIES = 5;
const LSTAT_CONCURRENCY = 16;

/** One look at a directory with everything below it. Symbolic links are content and never followed. */
export class FolderSession implements ProjectFilesSession {
  readonly #root: ProjectDirectory;
  readonly #context: FolderContext;
  // No Set: what is deleted from one stays reachable from its older tables, which live until V8 looks through the whole heap.
  readonly #openFiles: OpenFile[] = [];
  #closed = false;

  constructor(root: ProjectDirectory, context: FolderContext) {
    this.#root = root;
    this.#context = context;
  }

  async *list(directory: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ProjectEntry> {
    const absolute = this.#absolute(directory);
    for (let tries = 0; tries < LISTING_TRIES; tries += 1) {
      const entries = await this.#listing(directory, absolute, options.signal);
      if (entries !== null) return yield* entries;
    }
    throw changedError(directory);
  }

  async read(file: ProjectFile, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFileContent> {
    options.signal?.throwIfAborted();
    const absolute = this.#absolute(file.path);
    try {
      if (file.mode === "120000") return await this.#readLink(file, absolute);
      return await this.#readFile(file, absolute, options.signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw fileError(error, file.path);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#openFiles.map((file) => file.close()));
  }

  // All entries as they were at one moment; null when names came or went meanwhile. A directory is read in pieces, so a
  // file that is renamed at the same time could otherwise be missed under both of its names and be taken for deleted.
  async #listing(
    directory: string,
    absolute: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly ProjectEntry[] | null> {
    signal?.throwIfAborted();
    try {
      const before = await this.#directoryStats(directory, absolute);
      const names = await readdir(absolute, { encoding: "buffer", withFileTypes: true });
      const toEntry = (dirent: Dirent<Buffer>): Promise<ProjectEntry | null> => {
        signal?.throwIfAborted();
        return this.#entry(directory, absolute, dirent);
      };
      const entries = await pMap(names, toEntry, { concurrency: LSTAT_CONCURRENCY });
      const isStable = isSameStamp(before, await this.#directoryStats(directory, absolute));
      const present = entries.filter((entry) => entry !== null);
      return isStable && present.length === entries.length ? present : null;
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(error, directory);
    }
  }

  async #entry(directory: string, absolute: string, dirent: Dirent<Buffer>): Promise<ProjectEntry | null> {
    const name = decodeName(directory, dirent.name);
    const path = directory === "" ? name : `${directory}/${name}`;
    if (dirent.isDirectory()) return { type: "directory", path };
    try {
      return await this.#fileEntry(path, join(absolute, name));
    } catch (error) {
      if (isGone(error)) return null;
      throw fileError(error, path);
    }
  }

  async #fileEntry(path: string, absolute: string): Promise<ProjectEntry> {
    const now = this.#context.clock.now();
    const stats = await lstat(absolute, { bigint: true });
    if (stats.isDirectory()) return { type: "directory", path };
    const tag = versionTag(stats, now);
    if (stats.isSymbolicLink()) {
      const target = await linkTarget(path, absolute);
      return { type: "file", path, size: target.length, versionTag: tag, mode: "120000" };
    }
    if (!stats.isFile()) throw specialFileError(path, stats);
    return { type: "file", path, size: Number(stats.size), versionTag: tag, ...this.#mode(stats) };
  }

  async #readLink(file: ProjectFile, absolute: string): Promise<ProjectFileContent> {
    const now = this.#context.clock.now();
    const before = await lstat(absolute, { bigint: true });
    const target = await linkTarget(file.path, absolute);
    await this.#assertReal(dirname(absolute), file.path);
    if (!isSameStamp(before, await lstat(absolute, { bigint: true }))) throw changedError(file.path);
    return { versionTag: versionTag(before, now), bytes: once(target) };
  }

  async #readFile(file: ProjectFile, absolute: string, signal: AbortSignal | undefined): Promise<ProjectFileContent> {
    const release = await this.#context.slots.acquire(signal);
    const now = this.#context.clock.now();
    const opened = await OpenFile.open(absolute, file.path, release);
    this.#openFiles.push(opened);
    opened.onClose(() => this.#openFiles.splice(this.#openFiles.indexOf(opened), 1));
    try {
      this.#assertOpen();
      const { mode } = this.#mode(opened.stats);
      if (file.mode !== undefined && mode !== undefined && mode !== file.mode) throw changedError(file.path);
      const assertSamePlace = async (): Promise<void> => {
        await this.#assertReal(dirname(absolute), file.path);
        await opened.assertUnchanged();
      };
      return { versionTag: versionTag(opened.stats, now), bytes: opened.bytes(assertSamePlace, signal) };
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  async #directoryStats(directory: string, absolute: string): Promise<BigIntStats> {
    await this.#assertReal(absolute, directory);
    const stats = await lstat(absolute, { bigint: true });
    const { dev, ino } = this.#root;
    const isOther = directory === "" && (stats.dev !== dev || stats.ino !== ino);
    if (isOther || !stats.isDirectory()) throw changedError(directory);
    return stats;
  }

  // A directory that was swapped for a link would lead out of the project.
  async #assertReal(absolute: string, path: string): Promise<void> {
    if ((await realpath(absolute)) !== absolute) throw changedError(path);
  }

  #absolute(path: string): string {
    this.#assertOpen();
    const segments = path === "" ? [] : path.split("/");
    const isForeign = (segment: string): boolean =>
      segment === "" || segment === "." || segment === ".." || segment.includes("\0") || segment.includes(`${sep}`);
    if (segments.some(isForeign)) {
      throw new GitHubSdkError("invalid_path", `${JSON.stringify(path)} is not a path of the project.`);
    }
    return join(this.#root.path, ...segments);
  }

  #assertOpen(): void {
    if (this.#closed) throw new GitHubSdkError("source_unavailable", "The look at the project has ended.");
  }

  #mode(stats: BigIntStats): { readonly mode?: FileMode } {
    if (!this.#context.fileMode) return {};
    return { mode: (stats.mode & 0o100n) === 0n ? "100644" : "100755" };
  }
}

function decodeName(directory: string, bytes: Buffer): string {
  const name = bytes.toString("utf8");
  if (Buffer.from(name, "utf8").equals(bytes)) return name;
  const shown = directory === "" ? name : `${directory}/${name}`;
  const message = `The name of ${JSON.stringify(shown)} is not valid UTF-8; rename the file.`;
  throw new GitHubSdkError("invalid_path", message, { details: { path: shown, bytes: bytes.toString("hex") } });
}

function specialFileError(path: string, stats: BigIntStats): GitHubSdkError {
  const kind = stats.isSocket() ? "socket" : stats.isFIFO() ? "named pipe" : "device";
  const message = `${path} is a ${kind}, which a repository cannot hold; remove it or move it out of the project.`;
  return new GitHubSdkError("invalid_path", message, { details: { path, kind } });
}

async function linkTarget(path: string, absolute: string): Promise<Uint8Array> {
  try {
    return Uint8Array.from(await readlink(absolute, { encoding: "buffer" }));
  } catch (error) {
    // What was a link a moment ago is something else now.
    if (errorCode(error) === "EINVAL") throw changedError(path, error);
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
