import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { type Clock, systemClock } from "../adapters/clock.js";
import type { ProjectFiles, ProjectFilesSession } from "../adapters/project-files.js";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import { GitHubSdkError } from "../errors.js";
import { FileSlots } from "./file-slots.js";
import { type FolderContext, FolderSession } from "./folder-session.js";
import { findDirectory, findDirectoryBelow, type ProjectDirectory } from "./project-directory.js";

/** How a folder is read. */
export interface FolderOptions {
  /** The system's unless told; version tags are judged by it. */
  readonly clock?: Clock;
  /** How many files the source has open at once; 64 unless told. */
  readonly maxOpenFiles?: number;
  /**
   * Whether the executable bit is believed, as git's `core.fileMode`. `false` on Windows unless told; say `false` for a
   * mounted share that shows every file as executable.
   */
  readonly fileMode?: boolean;
}

/** Where the folders of projects lie. */
export interface FolderProjectFilesOptions extends FolderOptions {
  /** The folder of all projects. */
  readonly root: string;
  /** The segments of a project's folder below the root; `[userId, projectId]` unless told. Each is checked as one segment. */
  readonly layout?: (project: ProjectKey) => readonly string[];
}

/**
 * Projects as folders below one root, `{root}/{userId}/{projectId}` unless told otherwise.
 *
 * Ids are checked before any file is touched, no link below the root is followed, and an id reaches a folder only in
 * exactly the folder's own spelling, also on file systems that ignore case.
 *
 * @throws GitHubSdkError `invalid_options`.
 */
export function folderProjectFiles(options: FolderProjectFilesOptions): ProjectFiles {
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
export function folderFiles(directory: string, options: FolderFilesOptions = {}): ProjectFiles {
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

class FolderFiles implements ProjectFiles {
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
}

function segmentsOf(project: ProjectKey, layout: (project: ProjectKey) => readonly string[]): readonly string[] {
  assertPathSegment(project.userId, "The user id");
  assertPathSegment(project.projectId, "The project id");
  const segments = layout(project);
  if (segments.length === 0) throw new GitHubSdkError("invalid_options", "The layout gives no folder for the project.");
  for (const segment of segments) assertPathSegment(segment, "A folder of the layout");
  return segments;
}

function contextOf(options: FolderOptions): FolderContext {
  const { clock = systemClock, maxOpenFiles = 64, fileMode = process.platform !== "win32" } = options;
  if (!Number.isSafeInteger(maxOpenFiles) || maxOpenFiles < 1) {
    throw new GitHubSdkError("invalid_options", "maxOpenFiles has to be a positive integer.");
  }
  return { clock, slots: new FileSlots(maxOpenFiles), fileMode };
}
