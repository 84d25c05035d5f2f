/** Where a contender writes to, and from. */
export interface Task {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly token: string;
  readonly owner: string;
  readonly repo: string;
  /** The project's folder. */
  readonly project: string;
  /** A folder for whatever the contender needs to keep; empty at first. */
  readonly scratch: string;
}

/** What a sync took on the project's side. */
export interface SourceCost {
  /** Files whose bytes were read; `null` where it cannot be told. */
  readonly filesRead: number | null;
}

/** One way to bring a folder to a branch. */
export interface Contender {
  /** Anything that a process which is up has done already; not measured. */
  prepare(task: Task): Promise<void>;
  /** Brings the project to the branch. `changed` names the files that differ, for those that cannot find out by themselves. */
  sync(task: Task, changed: readonly string[]): Promise<SourceCost>;
  /** Ends what it started. */
  close(): Promise<void>;
}
