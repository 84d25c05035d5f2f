/** The id of a git object in lower-case hex: 40 digits in a SHA-1 repository, 64 in a SHA-256 one. */
export type ObjectId = string;

/** An entry of a tree that is no tree itself: a file, a symbolic link or a submodule (`160000`). */
export interface RemoteEntry {
  readonly mode: string;
  readonly oid: ObjectId;
}

/** A repository as one credential sees it. */
export interface RepositoryInfo {
  /** GitHub's numeric id: it stays when the repository is renamed or moved. */
  readonly id: number;
  /** The GraphQL node id. */
  readonly nodeId: string;
  readonly fullName: string;
  readonly htmlUrl: string;
  readonly isEmpty: boolean;
  /** `null` while the repository is empty. */
  readonly defaultBranch: string | null;
}

/** The two halves of `owner/name`. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/**
 * A branch of a repository, wherever it is called from: syncs of one branch never run side by side.
 * The repository is named by id since names change and ignore case.
 */
export interface BranchKey {
  /** The API's base URL, such as `https://api.github.com`. */
  readonly apiUrl: string;
  readonly repositoryId: number;
  readonly branch: string;
}

/** What a sync keeps in step: one source of files and one directory of one branch. */
export interface SyncTarget extends BranchKey {
  /** `project:{user}/{id}`, or `app:{installation}` for files that were handed over with the call. */
  readonly source: string;
  /** The folder of the repository that mirrors the project; `""` is its root. */
  readonly directory: string;
}

/** One text for one branch, fit as the name of a lease. */
export function branchKeyText(key: BranchKey): string {
  return JSON.stringify([key.apiUrl, key.repositoryId, key.branch]);
}

/** One text for one sync target, fit as the key of a baseline. */
export function syncTargetText(target: SyncTarget): string {
  return JSON.stringify([target.apiUrl, target.repositoryId, target.branch, target.source, target.directory]);
}
