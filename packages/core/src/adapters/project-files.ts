import type { FileMode, ProjectEntry, ProjectFile, ProjectKey } from "../domain/project-file.js";
import type { ObjectId } from "../domain/repository.js";

/** The content of a file, read from one response. */
export interface ProjectFileContent {
  /** The version tag of this content. It differs from the listing's when the file changed in between. */
  readonly versionTag: string | null;
  /**
   * The content, read once. An interrupted read throws; it never ends early without an error. A chunk that was yielded is not
   * modified afterwards.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A session on one project. Listings and contents are consistent as far as the source supports it. */
export interface ProjectFilesSession {
  /**
   * Lists the direct children of a directory (`""` for the project's root), in any order, each once.
   *
   * Ends normally only when the listing is complete. A missing page, a removed directory or an outage throws
   * `source_unavailable` or `source_changed`. An empty result means that the directory exists and is empty.
   */
  list(directory: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<ProjectEntry>;
  /**
   * Opens a listed file.
   *
   * @throws GitHubSdkError `source_changed` when the file no longer exists, `source_unavailable` when it cannot be read
   */
  read(file: ProjectFile, options?: { readonly signal?: AbortSignal }): Promise<ProjectFileContent>;
  /** Releases the resources of the session, such as a share snapshot or handles. Called once, also after errors. */
  close(): Promise<void>;
}

/** The content of a file to write. */
export interface NewContent {
  /** In bytes. */
  readonly size: number;
  /** Ignored by sources without file modes. The content of a symbolic link is its target. */
  readonly mode: FileMode;
  /** Git's blob ID of the content. Nothing is written when the bytes do not have it. */
  readonly oid: ObjectId;
  /** Returns the content from its beginning. Called again when a source writes the content again. */
  bytes(): AsyncIterable<Uint8Array>;
}

/** The version of a file that a write replaces. */
export interface ExpectedFile {
  /** The version tag of the listing; `null` when it had none. A file with another tag but the same content is this version. */
  readonly versionTag: string | null;
  readonly oid: ObjectId;
  /** In bytes. */
  readonly size: number;
}

/** The state of a path that a write requires: nothing at the path, or a version of a file. */
export type Expected = "absent" | ExpectedFile;

/** Options of one write. */
export interface WriteOptions {
  /** `{syncId}/{attempt}`. Names the temporary files, locks and kept versions of the write. */
  readonly operation: string;
  /** `aside` keeps the replaced version at `.infrajet/kept/{syncId}/{path}`; `drop` deletes it. */
  readonly keep: "aside" | "drop";
  /** Stops the write until the file is swapped. */
  readonly signal?: AbortSignal;
}

/**
 * The outcome of one write. Unless the outcome is `written`, the path is unchanged:
 *
 * - `moved`: the path does not have the expected version.
 * - `busy`: another program has the file open or locked.
 * - `unsupported`: the source cannot store the file.
 */
export type Written =
  | {
      readonly outcome: "written";
      /** The tag of the written version. `null` after a removal, and when the source has no reliable tag at the moment. */
      readonly versionTag: string | null;
    }
  | {
      readonly outcome: "moved" | "busy" | "unsupported";
      /** A sentence for the user. */
      readonly reason: string;
    };

/** The properties of a source that decide which files it can store. */
export interface ProjectTraits {
  /** True when the executable bit is stored. */
  readonly modes: boolean;
  /** True when symbolic links are stored. */
  readonly links: boolean;
  /** False when names that differ only in case are one name. */
  readonly caseSensitive: boolean;
  /** False when names that differ only in Unicode normal form are one name. */
  readonly unicodeExact: boolean;
  /** Returns the reason why the source cannot store a path, as a sentence; `null` when it can. */
  readonly refuses: (path: string) => string | null;
}

/**
 * A session that writes to one project. Calls for different paths may be concurrent.
 *
 * A process can be killed at any point: afterwards every file is the old or the new version, also for readers, or a listing
 * of its directory fails with `source_changed` until `tidy` was called.
 */
export interface ProjectWriteSession {
  readonly traits: ProjectTraits;
  /**
   * Writes a file: every reader gets all of the old version or all of the new one. Creates missing directories. Never follows a
   * symbolic link. With `"absent"` it writes only where nothing is.
   *
   * @throws GitHubSdkError `source_unavailable` when the storage fails; `source_changed` when the project no longer exists;
   * `internal_error` when the bytes do not have the announced ID; the error of `content.bytes()`; the signal's reason
   */
  replace(path: string, content: NewContent, when: Expected, options: WriteOptions): Promise<Written>;
  /**
   * Removes a file, and the directories that it leaves empty.
   *
   * @throws GitHubSdkError as `replace`
   */
  remove(path: string, when: ExpectedFile, options: WriteOptions): Promise<Written>;
  /**
   * Finishes or takes back what sessions of an operation left behind at these paths: temporary files, versions that were moved
   * aside, locks. Can be called again, and for paths that nothing was written to. Never while a session of the operation writes.
   *
   * @param operation `{syncId}/{attempt}`
   * @throws GitHubSdkError `source_unavailable` when the storage fails
   */
  tidy(operation: string, paths: Iterable<string>): Promise<void>;
  /** Releases the resources of the session. Called once, also after errors. */
  close(): Promise<void>;
}

/**
 * A source of project files: a folder, an Azure file share, or any other storage that can list and read files.
 *
 * The SDK validates IDs as single path segments before it passes them to a source. Sessions are independent of each other
 * and may be open concurrently.
 */
export interface ProjectFiles {
  /** The project of a source that holds one project. Requests may then leave out `project`. */
  readonly project?: ProjectKey;
  /**
   * Opens a session on a project.
   *
   * @throws GitHubSdkError `project_not_found` when the project does not exist, `source_unavailable` when the source is
   * unreachable. An outage must not be reported as an empty project.
   */
  open(project: ProjectKey, options?: { readonly signal?: AbortSignal }): Promise<ProjectFilesSession>;
  /**
   * Opens a session that writes to a project. Absent for a source that can only be read: files of the branch then cannot be
   * pulled into its projects.
   *
   * @throws GitHubSdkError `project_not_found` when the project does not exist, `source_unavailable` when the source is
   * unreachable
   */
  openToWrite?(project: ProjectKey, options?: { readonly signal?: AbortSignal }): Promise<ProjectWriteSession>;
}

/** A source that can be written. */
export interface WritableProjectFiles extends ProjectFiles {
  openToWrite(project: ProjectKey, options?: { readonly signal?: AbortSignal }): Promise<ProjectWriteSession>;
}
