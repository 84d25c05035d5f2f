import type { CommitAuthor } from "../domain/commit-author.js";
import type { FileMode } from "../domain/project-file.js";
import type { ObjectId, RepositoryInfo } from "../domain/repository.js";
import type { WriterName } from "../domain/sync-record.js";
import type { ErrorCode } from "../errors.js";
import type { Deflated } from "../git/deflated.js";
import type { TreeObject } from "../git/tree.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClient } from "../github/github-client.js";

/** A file that the commit adds or updates. Paths are relative to the root of the repository. */
export interface FileWrite {
  readonly path: string;
  readonly mode: FileMode;
  readonly oid: ObjectId;
  /** Bytes. */
  readonly size: number;
  /** The current mode on the branch, `null` for an addition: a writer that cannot set modes needs it. */
  readonly previousMode: string | null;
}

/** The objects below the sync's directory that the repository does not have yet. */
export interface MissingObjects {
  /** The directory of the repository that the trees belong to; `""` is the root. */
  readonly directory: string;
  /** The tree of the directory before the commit; the empty tree if the directory does not exist. */
  readonly before: ObjectId;
  /** The tree of the directory after the commit; `null` when the directory is empty then. */
  readonly tree: ObjectId | null;
  /** The new trees, each after its sub-trees. */
  readonly trees: readonly TreeObject[];
  readonly blobs: readonly ObjectId[];
}

/** The contents of one commit. */
export interface ChangeSet {
  readonly repository: RepositoryInfo;
  /** The branch to move, without `refs/heads/`. */
  readonly branch: string;
  /** The expected head of the branch; `null` when the branch must not exist yet. */
  readonly expectedHead: ObjectId | null;
  /** The parent: the expected head, or the commit that a new branch starts from; `null` in an empty repository. */
  readonly parent: ObjectId | null;
  /** The root tree of `parent`; `null` in an empty repository. */
  readonly baseTree: ObjectId | null;
  /** Sorted by path. */
  readonly writes: readonly FileWrite[];
  /** Paths that exist on the branch. */
  readonly deletes: readonly string[];
  readonly message: string;
  /** `Infrajet-Sync: {record}/{attempt} {mark}`, the last line of the commit message: it identifies the commit. */
  readonly trailer: string;
  /** The expected root tree, where it is known completely; a writer that gets another one does not move the branch. */
  readonly expectedTree: ObjectId | null;
  /** The objects to send, for a writer that builds them itself; `null` when the branch contains paths that GitHub's API does not report faithfully. */
  readonly missing: MissingObjects | null;
  /** The account of the credential: the committer, and the author unless there is a `requestedAuthor`. */
  readonly author: CommitAuthor;
  /** The author that the sync requests; `null` for the committer. A writer that GitHub does not let set an author refuses it. */
  readonly requestedAuthor: CommitAuthor | null;
  /** The time of the sync request: a commit that is built again has the same date, and so the same id. */
  readonly date: Date;
  /** Returns the bytes of a blob of `writes`. */
  content(oid: ObjectId): Promise<Uint8Array>;
  /** Returns the same bytes in the form that packs contain. */
  deflated(oid: ObjectId): Promise<Deflated>;
}

/** The client, signal and callbacks of one write. */
export interface WriteContext {
  readonly client: GitHubClient;
  readonly signal: AbortSignal;
  /**
   * Called right before the request that moves the branch. `commitId` is `null` where GitHub makes the commit. If it rejects,
   * the branch is not moved.
   *
   * Called once, with two exceptions: in an empty repository `git-data` calls it with `null` before the initial commit, then
   * with the id of the commit that has all files; and `push` calls it again, with the same id, when it sends a commit again.
   */
  beforeMove(commitId: ObjectId | null, from: ObjectId | null): Promise<void>;
  /** Called with the number of files that have been uploaded so far. */
  onProgress(files: number): void;
}

/** A commit that a writer made the head of the branch. */
export interface WrittenCommit {
  readonly commitId: ObjectId;
  readonly url: string;
  /** The root tree, where the writer knows it. */
  readonly rootTree: ObjectId | null;
  /** Notes for the sync record, such as an additional initial commit. */
  readonly notes: readonly string[];
}

/**
 * Writes a change set to a branch as exactly one commit, by compare-and-swap against the expected head, never by force.
 *
 * Either the branch moves from the expected head to the new commit, or it does not change.
 */
export interface CommitWriter {
  readonly name: WriterName;
  /** Returns the limit of GitHub because of which this writer cannot make the commit, as readable text; `null` when it can. */
  refusal(changeSet: ChangeSet): string | null;
  /** Returns the reason why `auto` does not choose this writer although it can make the commit; `null` when it is suitable. */
  unsuitable(changeSet: ChangeSet): string | null;
  /** Returns the name of the party that signs the commit for a kind of credential; `null` when it is not signed. */
  signer(credentialKind: Credential["kind"], changeSet: Pick<ChangeSet, "requestedAuthor">): string | null;
  /** Errors after which another writer may succeed. The branch has not moved. */
  readonly fallsBackOn: ReadonlySet<ErrorCode>;
  /**
   * Writes the commit.
   *
   * @throws GitHubSdkError `branch_moved` when the head is not the expected one, `input_too_large` when GitHub rejects the
   * size, `signature_required`, `branch_protected`, `workflow_permission_missing`, `secret_detected` for the branch's rules,
   * `tree_mismatch`, and what the client maps. After `github_unavailable` and `github_timeout` the branch may have moved.
   */
  write(changeSet: ChangeSet, context: WriteContext): Promise<WrittenCommit>;
}
