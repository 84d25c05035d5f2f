/** The git mode of a file: plain, executable, or symbolic link (its content is the link's target). */
export type FileMode = "100644" | "100755" | "120000";

/** A project of a user of the host. */
export interface ProjectKey {
  /** The host's ID of the user; numbers in decimal form. */
  readonly userId: string;
  readonly projectId: string;
}

/** A file in a directory listing. */
export interface ProjectFile {
  readonly type: "file";
  /** Relative to the project, separated by `/`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /**
   * A value that changes when the content may have changed, such as an ETag or the size with the modification time.
   * `null` when the source has no reliable value at the moment; the next sync then reads the file.
   */
  readonly versionTag: string | null;
  /** Omitted by sources without file modes. The mode on the branch is kept then. */
  readonly mode?: FileMode;
}

/** A directory in a directory listing. */
export interface ProjectDirectory {
  readonly type: "directory";
  /** Relative to the project, separated by `/`. */
  readonly path: string;
}

/** A file to write that is passed with a call. */
export interface GivenFile {
  readonly content: Uint8Array;
  /** `null` keeps the mode on the branch. */
  readonly mode: FileMode | null;
}

/** One entry of a directory listing. */
export type ProjectEntry = ProjectFile | ProjectDirectory;
