import type { BigIntStats, Dirent } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import pMap from "p-map";
import type { Clock } from "../adapters/clock.js";
import type { ProjectFileContent, ProjectFilesSession } from "../adapters/project-files.js";
import type { FileMode, ProjectEntry, ProjectFile } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { changedError, errorCode, fileError, isGone } from "./file-error.js";
import type { FileSlots } from "./file-slots.js";
import { isBetweenVersions, parseHiddenName } from "./hidden-name.js";
import { OpenDirectory } from "./open-directory.js";
import { OpenFile } from "./open-file.js";
import type { ProjectDirectory } from "./project-directory.js";
import { isSameStamp, versionTag } from "./version-tag.js";

/** The parts that all sessions of one source share. */
export interface FolderContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly slots: FileSlots;
  /** True when the executable bits of the file system are used. */
  readonly fileMode: boolean;
}

const LISTING_TRIES = 5;
const LSTAT_CONCURRENCY = 16;
const MAX_HARD_LINK_WARNINGS = 20;

/** A session of one project folder. Symbolic links are content and never followed. */
export class FolderSession implements ProjectFilesSession {
  readonly #root: ProjectDirectory;
  readonly #context: FolderContext;
  // Not a Set: values deleted from a Set stay reachable through its older tables until a full garbage collection.
  readonly #openFiles: OpenFile[] = [];
  #hardLinkWarnings = 0;
  #closed = false;

  constructor(root: ProjectDirectory, context: FolderContext) {
    this.#root = root;
    this.#context = context;
  }

  async *list(directory: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ProjectEntry> {
    const absolute = this.#absolute(directory);
    let isUnfinished = false;
    for (let tries = 0; tries < LISTING_TRIES; tries += 1) {
      const entries = await this.#listing(directory, absolute, options.signal);
      if (Array.isArray(entries)) return yield* entries;
      isUnfinished = entries === "unfinished";
    }
    throw isUnfinished ? unfinishedError(directory) : changedError(directory);
  }

  async read(file: ProjectFile, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFileContent> {
    options.signal?.throwIfAborted();
    const absolute = this.#absolute(file.path);
    try {
      if (file.mode === "120000") return await this.#readLink(file, absolute, options.signal);
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

  /**
   * Returns all entries as of one moment. Returns `changed` when the directory changed in the meantime: a kernel reads a directory
   * in pieces, so a file that is renamed at the same time could be missing under both names, and would look deleted. Returns
   * `unfinished` when a write has moved a file aside, which would look deleted too.
   */
  async #listing(
    directory: string,
    absolute: string,
    signal: AbortSignal | undefined,
  ): Promise<ProjectEntry[] | "changed" | "unfinished"> {
    try {
      return await this.#withDirectory(absolute, directory, signal, async (opened) => {
        const before = await this.#directoryStats(directory, opened);
        const all = await readdir(opened.location, { encoding: "buffer", withFileTypes: true });
        if (isBetweenVersions(all.map(({ name }) => name.toString()))) return "unfinished";
        const names = all.filter(({ name }) => parseHiddenName(name.toString()) === null);
        const toEntry = (dirent: Dirent<Buffer>): Promise<ProjectEntry | null> => {
          signal?.throwIfAborted();
          return this.#entry(directory, opened, dirent);
        };
        const entries = await pMap(names, toEntry, { concurrency: LSTAT_CONCURRENCY });
        await opened.assertInPlace();
        const isStable = isSameStamp(before, await this.#directoryStats(directory, opened));
        const present = entries.filter((entry) => entry !== null);
        return isStable && present.length === entries.length ? present : "changed";
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw fileError(error, directory);
    }
  }

  /** Runs work with an open directory, which counts as an open file. */
  async #withDirectory<Result>(
    absolute: string,
    path: string,
    signal: AbortSignal | undefined,
    work: (directory: OpenDirectory) => Promise<Result>,
  ): Promise<Result> {
    const release = await this.#context.slots.acquire(signal);
    try {
      const directory = await OpenDirectory.open(absolute, path);
      try {
        return await work(directory);
      } finally {
        await directory.close();
      }
    } finally {
      release();
    }
  }

  async #entry(directory: string, opened: OpenDirectory, dirent: Dirent<Buffer>): Promise<ProjectEntry | null> {
    const name = decodeName(directory, dirent.name);
    const path = directory === "" ? name : `${directory}/${name}`;
    if (dirent.isDirectory()) return { type: "directory", path };
    try {
      return await this.#fileEntry(path, opened.entry(name));
    } catch (error) {
      if (isGone(error)) return null;
      throw fileError(error, path);
    }
  }

  async #fileEntry(path: string, location: string): Promise<ProjectEntry> {
    const now = this.#context.clock.now();
    const stats = await lstat(location, { bigint: true });
    if (stats.isDirectory()) return { type: "directory", path };
    const tag = versionTag(stats, now);
    if (stats.isSymbolicLink()) {
      const target = await linkTarget(path, location);
      return { type: "file", path, size: target.length, versionTag: tag, mode: "120000" };
    }
    if (!stats.isFile()) throw specialFileError(path, stats);
    if (stats.nlink > 1n) this.#warnOfHardLinks(path, stats);
    return { type: "file", path, size: Number(stats.size), versionTag: tag, ...this.#mode(stats) };
  }

  /** A hard link can bring a file of another user into the project, and no check of paths can notice that. */
  #warnOfHardLinks(path: string, { nlink }: BigIntStats): void {
    this.#hardLinkWarnings += 1;
    if (this.#hardLinkWarnings > MAX_HARD_LINK_WARNINGS) return;
    const message =
      "A project file has more than one hard link, so its content may belong to a file outside of the project.";
    this.#context.logger.warn(message, { path, links: Number(nlink) });
  }

  #readLink(file: ProjectFile, absolute: string, signal: AbortSignal | undefined): Promise<ProjectFileContent> {
    return this.#withDirectory(dirname(absolute), file.path, signal, async (parent) => {
      const location = parent.entry(basename(absolute));
      const now = this.#context.clock.now();
      const before = await lstat(location, { bigint: true });
      const target = await linkTarget(file.path, location);
      await parent.assertInPlace();
      if (!isSameStamp(before, await lstat(location, { bigint: true }))) throw changedError(file.path);
      return { versionTag: versionTag(before, now), bytes: once(target) };
    });
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
      return { versionTag: versionTag(opened.stats, now), bytes: opened.bytes(signal) };
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  async #directoryStats(directory: string, opened: OpenDirectory): Promise<BigIntStats> {
    const stats = await opened.stats();
    const { dev, ino } = this.#root;
    if (directory === "" && (stats.dev !== dev || stats.ino !== ino)) throw changedError(directory);
    return stats;
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
    if (this.#closed) throw new GitHubSdkError("source_unavailable", "The session of the project was closed.");
  }

  #mode(stats: BigIntStats): { readonly mode?: FileMode } {
    if (!this.#context.fileMode) return {};
    return { mode: (stats.mode & 0o100n) === 0n ? "100644" : "100755" };
  }
}

function unfinishedError(directory: string): GitHubSdkError {
  const shown = directory === "" ? "the project directory" : directory;
  const message = `An interrupted sync has moved a file of ${shown} aside. The next sync of its branch puts it back.`;
  return new GitHubSdkError("source_changed", message, { details: { path: directory } });
}

function decodeName(directory: string, bytes: Buffer): string {
  const name = bytes.toString("utf8");
  if (Buffer.from(name, "utf8").equals(bytes)) return name;
  const shown = directory === "" ? name : `${directory}/${name}`;
  const message = `The name of ${JSON.stringify(shown)} is not valid UTF-8. Rename the file.`;
  throw new GitHubSdkError("invalid_path", message, { details: { path: shown, bytes: bytes.toString("hex") } });
}

function specialFileError(path: string, stats: BigIntStats): GitHubSdkError {
  const kind = stats.isSocket() ? "socket" : stats.isFIFO() ? "named pipe" : "device";
  const message = `${path} is a ${kind}, which a repository cannot contain. Remove it or move it out of the project.`;
  return new GitHubSdkError("invalid_path", message, { details: { path, kind } });
}

async function linkTarget(path: string, absolute: string): Promise<Uint8Array> {
  try {
    return Uint8Array.from(await readlink(absolute, { encoding: "buffer" }));
  } catch (error) {
    // The link was replaced by another kind of file.
    if (errorCode(error) === "EINVAL") throw changedError(path, error);
    throw error;
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
