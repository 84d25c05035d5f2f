import type { ObjectId, RepositoryInfo } from "../domain/repository.js";

/** Whose name a commit carries. */
export interface CommitAuthor {
  readonly name: string;
  readonly email: string;
}

/** What one look at a repository and a branch tells. */
export interface BranchView {
  readonly repository: RepositoryInfo;
  readonly branch: string;
  /** `null` when the branch does not exist (which an empty repository's never does). */
  readonly head: ObjectId | null;
  /** The commit that a branch which does not exist yet is made from: the default branch's head; otherwise `head`. `null` in an empty repository. */
  readonly start: ObjectId | null;
  /** The root tree of `start`. */
  readonly rootTree: ObjectId | null;
  /** The tree of the directory at `start`; `null` when there is none. */
  readonly directoryTree: ObjectId | null;
  readonly permissions: BranchPermissions;
  /** In whose name the credential makes commits. */
  readonly author: CommitAuthor;
}

/** What the credential may do on a branch, as far as GitHub says. */
export interface BranchPermissions {
  /** `null` when GitHub does not say. */
  readonly canPush: boolean | null;
  /** Whether a file below `.github/workflows/` may be written; `null` when the credential does not say. */
  readonly canWriteWorkflows: boolean | null;
  /** The rule that forbids a direct push, such as `pull_request`, `update` or `lock_branch`; `null` when none does. */
  readonly blockingRule: string | null;
  readonly requiresSignatures: boolean;
}
