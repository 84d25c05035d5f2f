import type { ProjectEntry, ProjectFile, ProjectKey } from "../domain/project-file.js";

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
}
