import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { type Clock, systemClock } from "../adapters/clock.js";
import type { ProjectFilesSession, ProjectWriteSession, WritableProjectFiles } from "../adapters/project-files.js";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";
import { type Logger, silentLogger } from "../logger.js";
import { FileSlots } from "./file-slots.js";
import { type FolderContext, FolderSession } from "./folder-session.js";
import { FolderWriteSession } from "./folder-write-session.js";
import { findDirectory, findDirectoryBelow, type ProjectDirectory } from "./project-directory.js";

/** Options for reading and writing a folder. */
export interface FolderOptions {
  /** The clock for version tags. Defaults to the system's clock. */
  readonly clock?: Clock;
  /**
   * Receives warnings, such as for a file with more than one hard link: its content may belong to a file outside of the
   * project. Defaults to no log.
   */
  readonly logger?: Logger;
  /** The largest number of files and directories that the source has open at the same time. A file that is written or removed
   * counts once, with its directories. Defaults to `64`. */
  readonly maxOpenFiles?: number;
  /**
   * Uses the executable bit, like git's `core.fileMode`. Defaults to `true`, on Windows to `false`. Set it to `false` for a
   * mounted share that shows all files as executable.
   */
  readonly fileMode?: boolean;
}

/** Options of {@link folderProjectFiles}. */
export interface FolderProjectFilesOptions extends FolderOptions {
  /** The folder that contains all projects. */
  readonly root: string;
  /** Returns the segments of a project's folder below the root. Defaults to `[userId, projectId]`. Each is checked to be one segment. */
  readonly layout?: (project: ProjectKey) => readonly string[];
}

/**
 * Serves the folders below one root as projects, by default `{root}/{userId}/{projectId}`.
 *
 * Ids are checked before any file access, no symbolic link below the root is followed, and an id finds a folder only by its
 * exact spelling, also on file systems that ignore case.
 *
 * On Linux this also holds while another process replaces files and directories by links. On other systems such a process can
 * win a race against the checks: let only trusted processes write to the folders there. A hard link to a file outside of the
 * project cannot be recognized; `logger` receives a warning for each file with several hard links.
 *
 * @throws GitHubSdkError `invalid_options`.
 */
export function folderProjectFiles(options: FolderProjectFilesOptions): WritableProjectFiles {
  const { root, layout = ({ userId, projectId }) => [userId, projectId] } = options;
  return new FolderFiles(contextOf(options), async (project) => {
    const segments = segmentsOf(project, layout);
    return findDirectoryBelow(root, segments);
  });
}

/** The options of {@link folderFiles}. */
export interface FolderFilesOptions extends FolderOptions {
  /**
   * The key under which syncs of the folder are recorded. Defaults to one that is derived from the folder's absolute path:
   * give a key of your own when the folder may move.
   */
  readonly project?: ProjectKey;
}

/**
 * Serves one folder as the only project, for scripts and tools. Requests may leave out `project`.
 *
 * @throws GitHubSdkError `invalid_options`.
 */
export function folderFiles(directory: string, options: FolderFilesOptions = {}): WritableProjectFiles {
  const folder = resolve(directory);
  const { project = projectOf(folder) } = options;
  return new FolderFiles(contextOf(options), async () => findDirectory(folder), project);
}

/** Folders with the same name are different projects, so the key includes a digest of the path. */
function projectOf(folder: string): ProjectKey {
  const name = basename(folder)
    .replaceAll(/[^A-Za-z0-9_-]+/g, "-")
    .slice(0, 40);
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  return { userId: "local", projectId: `${name}-${digest}` };
}

class FolderFiles implements WritableProjectFiles {
  readonly project?: ProjectKey;
  readonly #context: FolderContext;
  readonly #find: (project: ProjectKey) => Promise<ProjectDirectory>;

  constructor(context: FolderContext, find: (project: ProjectKey) => Promise<ProjectDirectory>, project?: ProjectKey) {
    this.#context = context;
    this.#find = find;
    if (project !== undefined) this.project = project;
  }

  async open(project: ProjectKey, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFilesSession> {
    options.signal?.throwIfAborted();
    return new FolderSession(await this.#find(project), this.#context);
  }

  async openToWrite(
    project: ProjectKey,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ProjectWriteSession> {
    options.signal?.throwIfAborted();
    return FolderWriteSession.open(await this.#find(project), this.#context);
  }
}

function segmentsOf(project: ProjectKey, layout: (project: ProjectKey) => readonly string[]): readonly string[] {
  assertPathSegment(project.userId, "The user id");
  assertPathSegment(project.projectId, "The project id");
  const segments = layout(project);
  if (segments.length === 0)
    throw new GitHubSdkError("invalid_options", "`layout` returned no segments for the project.");
  for (const segment of segments) assertPathSegment(segment, "A segment of `layout`");
  return segments;
}

function contextOf(options: FolderOptions): FolderContext {
  const {
    clock = systemClock,
    logger = silentLogger,
    maxOpenFiles = 64,
    fileMode = process.platform !== "win32",
  } = options;
  if (!Number.isSafeInteger(maxOpenFiles) || maxOpenFiles < 1) {
    throw new GitHubSdkError("invalid_options", "`maxOpenFiles` must be a positive integer.");
  }
  return { clock, logger, slots: new FileSlots(maxOpenFiles), fileMode };
}
