/** The ID of a git object in lower-case hex: 40 digits in a SHA-1 repository, 64 in a SHA-256 repository. */
export type ObjectId = string;

/** The hash algorithm of a repository's object ids: `extensions.objectFormat` in git, `hash_algorithm` in GitHub. */
export type ObjectFormat = "sha1" | "sha256";

/** A tree entry other than a subtree: a file, a symbolic link or a submodule (`160000`). */
export interface RemoteEntry {
  readonly mode: string;
  readonly oid: ObjectId;
}

/** A repository as GitHub returns it for a credential. */
export interface RepositoryInfo {
  /** GitHub's numeric ID. It does not change when the repository is renamed or transferred. */
  readonly id: number;
  /** The GraphQL node ID. */
  readonly nodeId: string;
  readonly fullName: string;
  readonly htmlUrl: string;
  readonly isEmpty: boolean;
  /** `null` while the repository is empty. */
  readonly defaultBranch: string | null;
}

/** The two parts of `owner/name`. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/**
 * A branch of a repository. Syncs of the same branch never run concurrently.
 * The repository is identified by its ID, because names can change and ignore case.
 */
export interface BranchKey {
  /** The API's base URL, such as `https://api.github.com`. */
  readonly apiUrl: string;
  readonly repositoryId: number;
  readonly branch: string;
}

/** The target of a sync: one directory of one branch, and the source of its files. */
export interface SyncTarget extends BranchKey {
  /** `project:{userId}/{projectId}`, or `app:{installationId}` for files that were passed with a call. */
  readonly source: string;
  /** The directory of the repository that mirrors the project; `""` for its root. */
  readonly directory: string;
}

/** Returns a string that identifies the branch, for use as the name of a lease. */
export function branchKeyText(key: BranchKey): string {
  return JSON.stringify([key.apiUrl, key.repositoryId, key.branch]);
}

/** Returns a string that identifies the target, for use as the key of a baseline. */
export function syncTargetText(target: SyncTarget): string {
  return JSON.stringify([target.apiUrl, target.repositoryId, target.branch, target.source, target.directory]);
}
