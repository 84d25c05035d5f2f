import type { SyncHistoryPage, SyncHistoryQuery, SyncSummary } from "../adapters/sync-record-store.js";
import type { ProjectKey } from "../domain/project-file.js";
import type { ProjectLink } from "../domain/project-link.js";
import type { SyncMetrics, SyncRecord } from "../domain/sync-record.js";
import type { SyncProgress } from "../events.js";
import type { ConflictContent, ConflictSide } from "./conflicts/conflict-content.js";
import type { ConflictDecision, ConflictVersions } from "./conflicts/conflict-resolver.js";
import type { ConflictTarget } from "./conflicts/conflict-target.js";
import type { OpenConflict } from "./conflicts/open-conflict.js";
import type { LinkRequest, UnlinkRequest } from "./link/link-request.js";
import type { SyncPlan } from "./plan/plan.js";
import type { SyncRequest } from "./sync-request.js";
import type { WaitOptions } from "./sync-waiter.js";

/** The options of a call besides its request. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /**
   * True when a person waits for the call: what is read before the sync starts waits at most 5 seconds for a rate limit of GitHub
   * and then fails with `rate_limited`. Defaults to false: it waits as long as the SDK's option `maxRateLimitWaitMs` allows.
   */
  readonly isInteractive?: boolean;
}

/** The options of {@link Syncs.submit}. */
export interface SubmitOptions extends CallOptions {
  /** Runs the sync only if its plan still has this hash; otherwise the record fails with `plan_stale`. */
  readonly planHash?: string;
}

/** The options of {@link Syncs.resubmit}. */
export interface ResubmitOptions {
  /** The most retries of one sync. Defaults to 3. */
  readonly maxRetries?: number;
}

/** The options of {@link Syncs.history}. */
export interface SyncHistoryOptions {
  /** Defaults to 50. */
  readonly limit?: number;
  /** The `nextCursor` of the previous page. Defaults to the first page. */
  readonly cursor?: string | null;
}

/** The options of {@link Syncs.conflictContent}. */
export interface ConflictContentOptions extends CallOptions {
  /** The largest content that is returned, in bytes. Defaults to 1 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Syncs of projects to branches: plans, runs and their records. */
export interface Syncs {
  /**
   * Returns what a sync would do now. Writes neither to GitHub nor to a store.
   *
   * @throws GitHubSdkError when the request cannot be carried out: see the codes of {@link GitHubSdkError}
   */
  plan(request: SyncRequest, options?: CallOptions): Promise<SyncPlan>;
  /** Runs a sync if its plan still has that hash; otherwise the record fails with `plan_stale`. */
  apply(request: SyncRequest, planHash: string, options?: CallOptions): Promise<SyncRecord>;
  /**
   * Plans and writes: the project's changes become one commit on the branch.
   *
   * An invalid request is thrown and leaves no record. Once there is a record, it is returned, also when the sync failed or
   * was cancelled: see its `status` and `error`. An abort ends the sync at its next safe point; a commit that is being
   * written at that moment is still recorded.
   */
  run(request: SyncRequest, options?: CallOptions): Promise<SyncRecord>;
  /** Submits a sync to the job runner and returns its pending record at once. */
  submit(request: SyncRequest, options?: SubmitOptions): Promise<SyncRecord>;
  /**
   * Resolves with the record when the sync has ended in any process, or as it is after `timeoutMs`.
   *
   * @throws GitHubSdkError `sync_record_not_found`, `sync_interrupted` when the SDK is closed, and the signal's reason
   */
  wait(syncId: number, options?: WaitOptions): Promise<SyncRecord>;
  /**
   * Requests the end of a sync. A pending one is cancelled at once, a running one at its next safe point.
   *
   * @throws GitHubSdkError `sync_record_not_found`
   */
  cancel(syncId: number): Promise<SyncRecord>;
  /**
   * Runs a failed or cancelled sync again on the same record.
   *
   * @throws GitHubSdkError `sync_not_retryable` when it has another status or was retried `maxRetries` times
   */
  retry(syncId: number, options?: CallOptions & ResubmitOptions): Promise<SyncRecord>;
  /** Submits a failed or cancelled sync again and returns its pending record at once. @throws as {@link retry} */
  resubmit(syncId: number, options?: ResubmitOptions): Promise<SyncRecord>;
  /**
   * Takes the commit of a completed sync back: a new sync writes a commit to the branch that undoes exactly those changes. Later
   * edits on the branch stay; those that overlap are conflicts, and nothing is written. The project is not changed, so it is behind
   * the branch afterwards: a push keeps the branch's versions, a pull or two-way sync brings them.
   *
   * @returns the record of the new sync
   * @throws GitHubSdkError `sync_record_not_found`; `sync_not_revertible` when the sync has not completed, wrote no commit, opened a
   * pull request, or the branch no longer contains its commit; otherwise as {@link run}
   */
  revert(syncId: number, options?: CallOptions): Promise<SyncRecord>;
  /** Submits the sync of {@link revert} and returns its pending record at once. @throws as {@link revert} */
  submitRevert(syncId: number, options?: CallOptions): Promise<SyncRecord>;
  /**
   * Links a project to a branch, or changes the link that it has: from now on a sync runs each time that the branch moves, with the
   * options of the request. The link is brought up to date at the next push, or within 10 minutes.
   *
   * @throws GitHubSdkError as {@link run} when a sync with that request may not be started; `too_many_links` when the user has 100
   * links
   */
  link(request: LinkRequest, options?: CallOptions): Promise<ProjectLink>;
  /** Returns the links of a project, oldest first. */
  links(project: ProjectKey): Promise<readonly ProjectLink[]>;
  /** Removes a link. Syncs that it started go on. @throws GitHubSdkError `link_not_found` */
  unlink(request: UnlinkRequest): Promise<void>;
  /** Returns a record. @throws GitHubSdkError `sync_record_not_found` */
  get(syncId: number): Promise<SyncRecord>;
  /** Returns the conflicts of the target's last sync whose versions are still there, sorted by path. */
  conflicts(target: ConflictTarget, options?: CallOptions): Promise<readonly OpenConflict[]>;
  /** Returns one version of a file: that of the last sync, the project's or the branch's. Ignored files are not read. */
  conflictContent(
    target: ConflictTarget,
    path: string,
    side: ConflictSide,
    options?: ConflictContentOptions,
  ): Promise<ConflictContent>;
  /**
   * Stores a resolution of a conflict, which the next sync of the target carries out, in any direction. It is void once the
   * project or the branch has another version of the file.
   *
   * @throws GitHubSdkError `resolution_stale` when a version is no longer there; `validation_failed` when the path is not in
   * conflict, or `merged` is chosen and the versions do not merge cleanly; `input_too_large`
   */
  resolve(
    target: ConflictTarget,
    path: string,
    decision: ConflictDecision,
    versions: ConflictVersions,
    options?: CallOptions,
  ): Promise<void>;
  /** Returns one page of a project's syncs, newest first. */
  history(query: SyncHistoryQuery, options?: SyncHistoryOptions): Promise<SyncHistoryPage>;
  /** Returns the number of a project's syncs, the latest one and the last successful one. */
  summary(query: SyncHistoryQuery): Promise<SyncSummary>;
  /** Returns totals over all syncs of a user. */
  metrics(userId: string): Promise<SyncMetrics>;
  /** Returns the latest progress of a running sync that this process received; `null` when it is not running. */
  progress(syncId: number): SyncProgress | null;
  /** Returns the progress of each sync of a project that has not ended, in any process; pending ones included. */
  running(query: SyncHistoryQuery): Promise<readonly SyncProgress[]>;
  /**
   * True when the user has such a project: it was synced before, or the source of project files has it.
   *
   * @throws GitHubSdkError `validation_failed` for an ID that cannot be a directory name, `source_unavailable`
   */
  knowsProject(project: ProjectKey): Promise<boolean>;
}
