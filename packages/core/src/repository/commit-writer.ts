import type { FileMode } from "../domain/project-file.js";
import type { ObjectId, RepositoryInfo } from "../domain/repository.js";
import type { WriterName } from "../domain/sync-record.js";
import type { ErrorCode } from "../errors.js";
import type { Deflated } from "../git/deflated.js";
import type { TreeObject } from "../git/tree.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClient } from "../github/github-client.js";
import type { CommitAuthor } from "./branch-view.js";

/** A file that the commit adds or updates. Paths are the repository's own. */
export interface FileWrite {
  readonly path: string;
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** Bytes. */
  readonly size: number;
  /** What the branch holds there now, `null` for an addition: a writer that cannot set modes must know the old one. */
  readonly previousMode: string | null;
}

/** What a repository does not have yet of a commit's content, as far as it lies below the sync's directory. */
export interface MissingObjects {
  /** The folder of the repository that the trees are of; `""` is its root. */
  readonly directory: string;
  /** The folder's tree before the commit; that of no entries when it does not exist. */
  readonly before: ObjectId;
  /** The folder's tree after the commit; `null` when nothing is left in it. */
  readonly tree: ObjectId | null;
  /** Each after the trees that it holds. */
  readonly trees: readonly TreeObject[];
  readonly blobs: readonly ObjectId[];
}

/** One commit to be made. */
export interface ChangeSet {
  readonly repository: RepositoryInfo;
  /** The branch to move, without `refs/heads/`. */
  readonly branch: string;
  /** The head that the branch has to have still; `null` when the branch must not exist yet. */
  readonly expectedHead: ObjectId | null;
  /** The commit to build on: the expected head, or for a new branch the commit that it begins from; `null` in an empty repository. */
  readonly parent: ObjectId | null;
  /** The root tree of `parent`; `null` in an empty repository. */
  readonly baseTree: ObjectId | null;
  /** Sorted by path. */
  readonly writes: readonly FileWrite[];
  /** Paths that are known to be on the branch. */
  readonly deletes: readonly string[];
  readonly message: string;
  /** `Infrajet-Sync: {record}/{attempt} {mark}`, the last line of the commit's message: it tells whose commit it is. */
  readonly trailer: string;
  /** The root tree that has to come out, where the whole of it is known; a writer that gets another one stops before it moves the branch. */
  readonly expectedTree: ObjectId | null;
  /** What has to be sent besides the commit, for a writer that makes objects itself; `null` where the branch holds names that GitHub's API does not tell truly. */
  readonly missing: MissingObjects | null;
  /** Who the commit is by, where GitHub does not decide it. */
  readonly author: CommitAuthor;
  /** When the sync was asked for: a commit that is made again has the same date, and so the same id. */
  readonly date: Date;
  /** The bytes of a blob of `writes`. */
  content(oid: ObjectId): Promise<Uint8Array>;
  /** The same bytes as packs hold them. */
  deflated(oid: ObjectId): Promise<Deflated>;
}

/** What a writer is given besides the change set. */
export interface WriteContext {
  readonly client: GitHubClient;
  readonly signal: AbortSignal;
  /**
   * Called after everything invisible is done and right before the request that moves the branch. `commitId` is `null`
   * where GitHub makes the commit. When it rejects, the branch is not moved. Called once; but `git-data` calls it twice in an
   * empty repository: with `null` before the commit that begins it, then with the id of the commit that has all files; and
   * `push` calls it again, with the same id, when it has to send the same commit again.
   */
  beforeMove(commitId: ObjectId | null, from: ObjectId | null): Promise<void>;
  /** How many files have been uploaded so far. */
  onProgress(files: number): void;
}

/** The commit that is now the branch's head. */
export interface WrittenCommit {
  readonly commitId: ObjectId;
  readonly url: string;
  /** Its root tree, where the writer knows it. */
  readonly rootTree: ObjectId | null;
  /** Anything that the caller of the sync should be told, such as a commit that began the repository. */
  readonly notes: readonly string[];
}

/**
 * Puts a change set on a branch as exactly one commit, by compare-and-swap against the expected head, never by force.
 *
 * Either the branch moves from the expected head to the new commit, or nothing visible happens.
 */
export interface CommitWriter {
  readonly name: WriterName;
  /** Why this writer cannot take the change set, in words for the person who pinned it; `null` when it can. */
  refusal(changeSet: ChangeSet): string | null;
  /** Who signs what it commits in such a credential's name; `null`: nobody. */
  signer(credentialKind: Credential["kind"]): string | null;
  /** Errors that tell of this writer's way to GitHub: another writer may do it. The branch is where it was. */
  readonly fallsBackOn: ReadonlySet<ErrorCode>;
  /**
   * @throws GitHubSdkError `branch_moved` when the head is another one, `input_too_large` when GitHub did not take the size,
   * `signature_required`, `branch_protected`, `workflow_permission_missing`, `secret_detected` for the branch's rules,
   * `tree_mismatch`, and what the client maps. After `github_unavailable` and `github_timeout` the branch may have moved.
   */
  write(changeSet: ChangeSet, context: WriteContext): Promise<WrittenCommit>;
}
