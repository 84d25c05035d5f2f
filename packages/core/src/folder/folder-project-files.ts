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

/**
 * One folder as the project, whatever its key: for scripts and tools that work on a folder which they were given.
 *
 * @throws GitHubSdkError `invalid_options`.
 */
export function folderFiles(directory: string, options: FolderOptions = {}): ProjectFiles {
  return new FolderFiles(contextOf(options), async () => findDirectory(directory));
}

class FolderFiles implements ProjectFiles {
  constructor(
    private readonly context: FolderContext,
    private readonly find: (project: ProjectKey) => Promise<ProjectDirectory>,
  ) {}

  async open(project: ProjectKey, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFilesSession> {
    options.signal?.throwIfAborted();
    return new FolderSession(await this.find(project), this.context);
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
