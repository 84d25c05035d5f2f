/** A file's mode as git writes it: plain, executable, symbolic link (its content is the link's target). */
export type FileMode = "100644" | "100755" | "120000";

/** One project of one user of the host. */
export interface ProjectKey {
  /** The host's own id of the user; numbers are given in their decimal form. */
  readonly userId: string;
  readonly projectId: string;
}

/** A file as a listing shows it. */
export interface ProjectFile {
  readonly type: "file";
  /** Relative to the project, segments parted by `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /**
   * Changes whenever the content may have changed (an etag, or size and times together).
   * `null` when the source cannot vouch for it now; the file is then read at the next sync, whatever its tag.
   */
  readonly versionTag: string | null;
  /** Left out by sources that know no modes; the mode in the repository is kept then. */
  readonly mode?: FileMode;
}

/** A directory as a listing shows it. */
export interface ProjectDirectory {
  readonly type: "directory";
  /** Relative to the project, segments parted by `/`. */
  readonly path: string;
}

/** A file that comes with a call. */
export interface GivenFile {
  readonly content: Uint8Array;
  /** `null` keeps the mode that the branch has. */
  readonly mode: FileMode | null;
}

/** One entry of a directory listing. */
export type ProjectEntry = ProjectFile | ProjectDirectory;
