import type { ProjectFiles } from "../adapters/project-files.js";
import type { SyncHistoryPage, SyncHistoryQuery, SyncSummary } from "../adapters/sync-record-store.js";
import { defined } from "../defined.js";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import type { SyncMetrics, SyncRecord } from "../domain/sync-record.js";
import { projectSource } from "../domain/sync-source.js";
import { isGitHubSdkError } from "../errors.js";
import type { SyncProgress } from "../events.js";
import type { SyncPlan } from "./plan/plan.js";
import { SyncAccess } from "./plan/sync-access.js";
import { givenFiles } from "./project/given-files.js";
import { type HandedOver, SyncSources } from "./project/sync-sources.js";
import { isOwnCommit, type PushedCommit } from "./record/own-commit.js";
import { syncEvent } from "./record/progress.js";
import { retryRecord } from "./record/retry-record.js";
import { DryRun } from "./run/dry-run.js";
import { RunningSyncs } from "./run/running-syncs.js";
import { SyncWorker } from "./run/sync-worker.js";
import { type ParsedSyncRequest, parseSyncRequest, type SyncRequest } from "./sync-request.js";
import type { SyncServices } from "./sync-services.js";
import { closedError, SyncWaiter, type WaitOptions } from "./sync-waiter.js";
import { filesToWrite, parseWriteFilesRequest, type WriteFilesRequest } from "./write-files-request.js";

/** The options of a call besides its request. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

const RECOVERY_INTERVAL_MS = 30_000;

/** Keeps projects in sync with repositories: plans, runs and records syncs. */
export class SyncEngine {
  readonly #services: SyncServices;
  readonly #projectFiles: ProjectFiles;
  readonly #sources: SyncSources;
  readonly #access: SyncAccess;
  readonly #dryRun: DryRun;
  readonly #worker: SyncWorker;
  readonly #running: RunningSyncs;
  readonly #waiter: SyncWaiter;
  readonly #closing = new AbortController();
  readonly #subscriptions: readonly (() => void)[];
  readonly #started: Promise<void>;
  readonly #background: Promise<void>;

  constructor(services: SyncServices) {
    this.#services = services;
    this.#projectFiles = services.projectFiles;
    this.#sources = new SyncSources(services.projectFiles, services.clock);
    this.#access = new SyncAccess(services);
    this.#dryRun = new DryRun(services);
    this.#worker = new SyncWorker({ ...services, sources: this.#sources });
    const { bus, jobs, logger, records } = services;
    this.#running = new RunningSyncs(bus, records);
    this.#waiter = new SyncWaiter(services, this.#closing.signal);
    const release = ({ syncId }: { syncId: number }): void => this.#sources.release(syncId);
    const submit = ({ syncId }: { syncId: number }): void =>
      void jobs.submit(syncId).catch((error) => logger.warn("A sync could not be submitted.", { syncId, error }));
    this.#subscriptions = [
      bus.on("sync.completed", release),
      bus.on("sync.failed", release),
      bus.on("sync.cancelled", release),
      bus.on("sync.cancel_requested", ({ syncId }) => void this.#worker.cancel(syncId)),
      bus.on("sync.turn", (event) => this.#sources.hasGivenFiles(event.syncId) && submit(event)),
    ];
    this.#started = jobs.start((syncId, shutdown) => this.#worker.process(syncId, shutdown));
    // Calls that submit a sync receive this error as well.
    this.#started.catch((error) => logger.error("The job runner did not start.", { error }));
    this.#background = this.#runMaintenance();
  }

  /**
   * Returns what a sync would do now. Writes neither to GitHub nor to a store.
   *
   * @throws GitHubSdkError when the request cannot be carried out: see the codes of {@link GitHubSdkError}
   */
  async plan(request: SyncRequest, { signal = new AbortController().signal }: CallOptions = {}): Promise<SyncPlan> {
    const parsed = parseSyncRequest(request);
    const snapshot = await this.#access.snapshot(parsed, projectSource(parsed.project), signal);
    return this.#dryRun.plan(parsed, snapshot, signal);
  }

  /** Runs a sync if its plan still has that hash; otherwise the record fails with `plan_stale`. */
  async apply(request: SyncRequest, planHash: string, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#runToEnd(await this.#submitProject(parseSyncRequest(request, planHash), options), options);
  }

  /**
   * Plans and writes: the project's changes become one commit on the branch.
   *
   * An invalid request is thrown and leaves no record. Once there is a record, it is returned, also when the sync failed or
   * was cancelled: see its `status` and `error`. An abort ends the sync at its next safe point; a commit that is being
   * written at that moment is still recorded.
   */
  async run(request: SyncRequest, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#runToEnd(await this.submit(request, options), options);
  }

  /** Submits a sync to the job runner and returns its pending record at once. */
  submit(request: SyncRequest, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#submitProject(parseSyncRequest(request), options);
  }

  /**
   * Writes files that come with the call in one commit. `ours` overwrites the branch's files, `fail` stops at files that
   * changed on the branch since this SDK last wrote them. Ignore rules do not apply; `null` deletes a file.
   *
   * @returns the record, also when the sync failed
   * @throws GitHubSdkError as {@link run}
   */
  async writeFiles(request: WriteFilesRequest, options: CallOptions = {}): Promise<SyncRecord> {
    const parsed = parseWriteFilesRequest(request);
    const files = givenFiles(filesToWrite(request.files));
    const handedOver = defined({ files, authorize: request.authorize });
    return this.#runToEnd(await this.#submit(parsed, request.source, handedOver, options), options);
  }

  /**
   * Resolves with the record when the sync has ended in any process, or as it is after `timeoutMs`.
   *
   * @throws GitHubSdkError `sync_record_not_found`, `sync_interrupted` when the SDK is closed, and the signal's reason
   */
  wait(syncId: number, options: WaitOptions = {}): Promise<SyncRecord> {
    return this.#waiter.wait(syncId, options);
  }

  /**
   * Requests the end of a sync. A pending one is cancelled at once, a running one at its next safe point.
   *
   * @throws GitHubSdkError `sync_record_not_found`
   */
  async cancel(syncId: number): Promise<SyncRecord> {
    const { records, bus, clock } = this.#services;
    const now = new Date(clock.now());
    const cancelled = await records.transition(
      syncId,
      { from: ["pending"], to: "cancelled" },
      { completedAt: now, updatedAt: now },
    );
    if (cancelled !== null) {
      bus.emit("sync.cancelled", syncEvent(cancelled));
      return cancelled;
    }
    const record = await this.get(syncId);
    if (record.status === "in_progress" && !this.#worker.cancel(syncId))
      bus.emit("sync.cancel_requested", syncEvent(record));
    return record;
  }

  /**
   * Runs a failed or cancelled sync again on the same record.
   *
   * @throws GitHubSdkError `sync_not_retryable` when it has another status or was retried `maxRetries` times (defaults to 3)
   */
  async retry(
    syncId: number,
    { maxRetries, ...options }: CallOptions & { readonly maxRetries?: number } = {},
  ): Promise<SyncRecord> {
    return this.#runToEnd(await this.resubmit(syncId, defined({ maxRetries })), options);
  }

  /** Submits a failed or cancelled sync again and returns its pending record at once. @throws as {@link retry} */
  async resubmit(syncId: number, { maxRetries = 3 }: { readonly maxRetries?: number } = {}): Promise<SyncRecord> {
    const pending = await retryRecord(this.#services, await this.get(syncId), maxRetries);
    await this.#services.jobs.submit(syncId);
    return pending;
  }

  /** Returns a record. @throws GitHubSdkError `sync_record_not_found` */
  get(syncId: number): Promise<SyncRecord> {
    return this.#waiter.get(syncId);
  }

  /** True when a sync of any process made the commit. */
  isOwnCommit(commit: PushedCommit): Promise<boolean> {
    return isOwnCommit(this.#services.records, commit);
  }

  /** Returns one page of a project's syncs, newest first. `limit` defaults to 50. */
  history(
    query: SyncHistoryQuery,
    { limit = 50, cursor = null }: { readonly limit?: number; readonly cursor?: string | null } = {},
  ): Promise<SyncHistoryPage> {
    return this.#services.records.history(query, limit, cursor);
  }

  /**
   * True when the user has such a project: it was synced before, or the source of project files has it.
   *
   * @throws GitHubSdkError `validation_failed` for an ID that cannot be a directory name, `source_unavailable`
   */
  async knowsProject(project: ProjectKey): Promise<boolean> {
    assertPathSegment(project.userId, "The user id");
    assertPathSegment(project.projectId, "The project id");
    const { latest } = await this.#services.records.summary(project);
    if (latest !== null) return true;
    try {
      await (await this.#projectFiles.open(project)).close();
      return true;
    } catch (error) {
      if (isGitHubSdkError(error, "project_not_found")) return false;
      throw error;
    }
  }

  /** Returns the number of a project's syncs, the latest one and the last successful one. */
  summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    return this.#services.records.summary(query);
  }

  /** Returns totals over all syncs of a user. */
  metrics(userId: string): Promise<SyncMetrics> {
    return this.#services.records.metrics(userId);
  }

  /** Returns the latest progress of a running sync that this process received; `null` when it is not running. */
  progress(syncId: number): SyncProgress | null {
    return this.#running.progress(syncId);
  }

  /** Returns the progress of each sync of a project that has not ended, in any process; pending ones included. */
  running(query: SyncHistoryQuery): Promise<readonly SyncProgress[]> {
    return this.#running.ofProject(query);
  }

  /** Accepts no new syncs, stops running ones at a safe point (they continue at the next start), and ends maintenance. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#services.jobs.stop();
    await this.#background;
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#running.close();
    this.#sources.close();
  }

  async #submitProject(parsed: ParsedSyncRequest, options: CallOptions): Promise<SyncRecord> {
    const { signal } = options;
    const openedAt = this.#services.clock.now();
    const session = await this.#projectFiles.open(parsed.project, defined({ signal }));
    return this.#submit(parsed, projectSource(parsed.project), { session: { session, openedAt } }, options);
  }

  async #submit(
    parsed: ParsedSyncRequest,
    source: string,
    handedOver: HandedOver,
    { signal = new AbortController().signal }: CallOptions,
  ): Promise<SyncRecord> {
    const record = await this.#create(parsed, source, handedOver, signal).catch(async (error) => {
      await handedOver.session?.session.close().catch(() => undefined);
      throw error;
    });
    await this.#started;
    await this.#services.jobs.submit(record.id);
    return record;
  }

  async #create(
    parsed: ParsedSyncRequest,
    source: string,
    handedOver: HandedOver,
    signal: AbortSignal,
  ): Promise<SyncRecord> {
    if (this.#closing.signal.aborted) throw closedError();
    const { cached, isNew, target } = await this.#access.requireWritable(parsed, source, signal);
    const record = await this.#services.records.create({
      ...parsed.project,
      target,
      repository: cached.view.repository.fullName,
      options: parsed.options,
      createdAt: new Date(this.#services.clock.now()),
    });
    this.#sources.handOver(record.id, isNew ? { ...handedOver, snapshot: cached } : handedOver);
    return record;
  }

  async #runToEnd(record: SyncRecord, { signal }: CallOptions): Promise<SyncRecord> {
    const cancel = (): void => void this.cancel(record.id).catch(() => undefined);
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await this.wait(record.id);
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  async #runMaintenance(): Promise<void> {
    const { clock, logger } = this.#services;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#worker
        .recover(signal)
        .catch((error) => logger.warn("Recovery failed and will be retried.", { error }));
      await clock.idle(RECOVERY_INTERVAL_MS, signal).catch(() => undefined);
    }
  }
}
