/** The source and the target of a contender. */
export interface Task {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly token: string;
  readonly owner: string;
  readonly repo: string;
  /** The project's folder. */
  readonly project: string;
  /** A folder for the contender's temporary files. Initially empty. */
  readonly scratch: string;
}

/** The work of a sync on the project's side. */
export interface SourceCost {
  /** The number of files whose content was read; `null` when it is unknown. */
  readonly filesRead: number | null;
}

/** A way to write a folder to a branch. */
export interface Contender {
  /** Does the work that a running process has already done. Not measured. */
  prepare(task: Task): Promise<void>;
  /** Writes the project to the branch. `changed` lists the changed files for contenders that do not detect them. */
  sync(task: Task, changed: readonly string[]): Promise<SourceCost>;
  /** Releases all resources. */
  close(): Promise<void>;
}
