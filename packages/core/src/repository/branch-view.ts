import type { CommitAuthor } from "../domain/commit-author.js";
import type { ObjectId, RepositoryInfo } from "../domain/repository.js";

/** A snapshot of a repository and a branch. */
export interface BranchView {
  readonly repository: RepositoryInfo;
  readonly branch: string;
  /** `null` when the branch does not exist, as in an empty repository. */
  readonly head: ObjectId | null;
  /** The parent of the next commit: `head`, or the default branch's head if the branch does not exist. `null` in an empty repository. */
  readonly start: ObjectId | null;
  /** The root tree of `start`. */
  readonly rootTree: ObjectId | null;
  /** The tree of the directory at `start`; `null` when the directory does not exist. */
  readonly directoryTree: ObjectId | null;
  readonly permissions: BranchPermissions;
  /** The author of commits that the credential makes. */
  readonly author: CommitAuthor;
}

/** The permissions of the credential on a branch, as far as GitHub reports them. */
export interface BranchPermissions {
  /** `null` when unknown. */
  readonly canPush: boolean | null;
  /** True when files below `.github/workflows/` may be written; `null` when unknown. */
  readonly canWriteWorkflows: boolean | null;
  /** The rule that forbids a direct push, such as `pull_request`, `update` or `lock_branch`; `null` when none does. */
  readonly blockingRule: string | null;
  readonly requiresSignatures: boolean;
}
