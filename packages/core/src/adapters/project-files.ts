import type { ProjectEntry, ProjectFile, ProjectKey } from "../domain/project-file.js";

/** The content of a file, read from one response. */
export interface ProjectFileContent {
  /** The version that is being read: a tag other than the listing's means that the file moved in between. */
  readonly versionTag: string | null;
  /**
   * Read once, to the end; an interrupted read throws and never just ends early. A chunk that was given away is the reader's:
   * nothing is written to it any more.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** One look at a project: what is listed and what is read belong together as far as the source can promise it. */
export interface ProjectFilesSession {
  /**
   * The direct children of a directory (`""` is the project's own), in any order, each once.
   *
   * Ends normally only when the listing is complete: a page that is missing, a directory that went away or an outage
   * throws `source_unavailable` or `source_changed`. An empty result means that the directory is there and empty.
   */
  list(directory: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<ProjectEntry>;
  /**
   * Opens one file that was listed.
   *
   * @throws GitHubSdkError `source_changed` when the file is no longer there, `source_unavailable` when it cannot be read.
   */
  read(file: ProjectFile, options?: { readonly signal?: AbortSignal }): Promise<ProjectFileContent>;
  /** Gives back what the session holds (a share snapshot, handles). Called once, whatever happened before. */
  close(): Promise<void>;
}

/**
 * Where the files of projects are: a folder, Azure File Share, or anything that can list and read files.
 *
 * Ids are the host's own and were validated by the SDK as single path segments before they get here.
 * Sessions of one source are independent of each other and may be open at the same time.
 */
export interface ProjectFiles {
  /** The project of a source that holds one project. Requests may then leave out `project`. */
  readonly project?: ProjectKey;
  /**
   * Begins a look at a project.
   *
   * @throws GitHubSdkError `project_not_found` when there is no such project, `source_unavailable` when the source does
   * not answer. An outage is never taken for an empty project.
   */
  open(project: ProjectKey, options?: { readonly signal?: AbortSignal }): Promise<ProjectFilesSession>;
}
