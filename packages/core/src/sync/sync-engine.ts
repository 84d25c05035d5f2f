import type { ProjectFiles } from "../adapters/project-files.js";
import type { SyncHistoryPage, SyncHistoryQuery, SyncSummary } from "../adapters/sync-record-store.js";
import { defined } from "../defined.js";
import { assertPathSegment } from "../domain/path-segment.js";
import type { ProjectKey } from "../domain/project-file.js";
import type { ObjectId } from "../domain/repository.js";
import { isFinished, type SyncMetrics, type SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { SyncProgress } from "../events.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import type { SyncPlan } from "./plan/plan.js";
import { givenFiles } from "./project/given-files.js";
import { SyncSources } from "./project/sync-sources.js";
import { attemptInMessage } from "./record/attempts.js";
import { syncEvent } from "./record/progress.js";
import { DryRun } from "./run/dry-run.js";
import { RunningSyncs } from "./run/running-syncs.js";
import { SyncWorker } from "./run/sync-worker.js";
import { SyncAccess, sourceOf } from "./sync-access.js";
import { type ParsedSyncRequest, parseSyncRequest, type SyncRequest } from "./sync-request.js";
import type { SyncServices } from "./sync-services.js";
import { filesToWrite, parseWriteFilesRequest, type WriteFilesRequest } from "./write-files-request.js";

/** What the engine is made from. */
export type SyncEngineServices = Omit<SyncServices, "files" | "initialSnapshots"> & {
  /** Where the files of projects are. */
  readonly projectFiles: ProjectFiles;
};

/** What a call can be given besides its request. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

const POLL_INTERVAL = 2_000;
const RECOVERY_INTERVAL = 30_000;

/** Keeps projects in step with repositories: plans, runs and remembers syncs. */
export class SyncEngine {
  readonly #projectFiles: ProjectFiles;
  readonly #services: SyncServices;
  readonly #access: SyncAccess;
  readonly #planner: DryRun;
  readonly #worker: SyncWorker;
  readonly #running: RunningSyncs;
  readonly #closing = new AbortController();
  readonly #subscriptions: readonly (() => void)[];
  readonly #started: Promise<void>;
  readonly #background: Promise<void>;

  constructor({ projectFiles, ...services }: SyncEngineServices) {
    this.#projectFiles = projectFiles;
    this.#services = { ...services, files: new SyncSources(projectFiles), initialSnapshots: new Map() };
    this.#access = new SyncAccess(services);
    this.#planner = new DryRun(this.#services, projectFiles, this.#access);
    this.#worker = new SyncWorker(this.#services);
    const { bus, jobs, logger, records } = services;
    this.#running = new RunningSyncs(bus, records);
    const forget = ({ syncId }: { syncId: number }): void => {
      this.#services.files.release(syncId);
      this.#services.initialSnapshots.delete(syncId);
    };
    const submit = ({ syncId }: { syncId: number }): void =>
      void jobs.submit(syncId).catch((error) => logger.warn("A sync could not be submitted.", { syncId, error }));
    this.#subscriptions = [
      bus.on("sync.completed", forget),
      bus.on("sync.failed", forget),
      bus.on("sync.cancelled", forget),
      bus.on("sync.cancel_requested", ({ syncId }) => void this.#worker.cancel(syncId)),
      bus.on("sync.turn", (event) => this.#services.files.holds(event.syncId) && submit(event)),
    ];
    this.#started = jobs.start((syncId, shutdown) => this.#worker.process(syncId, shutdown));
    // Whoever submits is told why nothing runs.
    this.#started.catch((error) => logger.error("The job runner did not start.", { error }));
    this.#background = this.#runMaintenance();
  }

  /**
   * What a sync would do now. Writes nothing, neither to GitHub nor to a store.
   *
   * @throws GitHubSdkError for a request that cannot be carried out: see the codes of {@link GitHubSdkError}.
   */
  async plan(request: SyncRequest, { signal = new AbortController().signal }: CallOptions = {}): Promise<SyncPlan> {
    return this.#planner.plan(parseSyncRequest(request), signal);
  }

  /** Runs a sync, provided that its plan is still the one with that hash; otherwise the record ends as failed with `plan_stale`. */
  async apply(request: SyncRequest, planHash: string, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#runToEnd(await this.#submitProject(parseSyncRequest(request, planHash), options), options);
  }

  /**
   * Plans and writes: the project's changes become one commit on the branch.
   *
   * What is wrong with the request itself is thrown and leaves no record. Once there is a record it is what comes back, also
   * when the sync failed or was cancelled: `status` and `error` tell. An abort ends the sync at its next safe point; a
   * commit that is being made at that moment is still recorded.
   */
  async run(request: SyncRequest, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#runToEnd(await this.submit(request, options), options);
  }

  /** Hands a sync to the job runner and gives its pending record at once. */
  submit(request: SyncRequest, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#submitProject(parseSyncRequest(request), options);
  }

  /**
   * Writes files that come with the call, in one commit: `ours` writes over whatever the branch has, `fail` stops at what
   * somebody else has changed since this SDK last wrote it. Ignore rules do not count, a `null` deletes.
   *
   * @returns the record, also when the sync failed
   * @throws GitHubSdkError as {@link run}
   */
  async writeFiles(request: WriteFilesRequest, options: CallOptions = {}): Promise<SyncRecord> {
    const parsed = parseWriteFilesRequest(request);
    const files = givenFiles(filesToWrite(request.files));
    return this.#runToEnd(await this.#submit(parsed, request.source, files, options), options);
  }

  /** Resolves with the record when the sync has ended, here or in another process. @throws the signal's reason when aborted before. */
  async wait(syncId: number, { signal }: CallOptions = {}): Promise<SyncRecord> {
    const { records, bus, clock } = this.#services;
    for (;;) {
      const woken = new AbortController();
      const wake = (event: { syncId: number }): void => void (event.syncId === syncId && woken.abort());
      const ends = (["sync.completed", "sync.failed", "sync.cancelled"] as const).map((name) => bus.on(name, wake));
      try {
        const record = await records.find(syncId);
        if (record === null) throw notFound(syncId);
        if (isFinished(record.status)) return record;
        const closing = this.#closing.signal;
        if (closing.aborted) throw closed();
        const signals = signal === undefined ? [woken.signal, closing] : [woken.signal, closing, signal];
        await clock.sleep(POLL_INTERVAL, AbortSignal.any(signals)).catch(() => undefined);
        signal?.throwIfAborted();
      } finally {
        for (const end of ends) end();
      }
    }
  }

  /** Resolves with the record when the sync has ended, or as it is after that many milliseconds. @throws as {@link wait} */
  async waitAtMost(syncId: number, milliseconds: number, { signal }: CallOptions = {}): Promise<SyncRecord> {
    const late = new Error("The sync has not ended in time.");
    const timeout = timeoutSignal(this.#services.clock, milliseconds, late, signal);
    try {
      return await this.wait(syncId, { signal: timeout.signal });
    } catch (error) {
      if (!timeout.timedOut || signal?.aborted) throw error;
      return this.get(syncId);
    } finally {
      timeout.clear();
    }
  }

  /**
   * Asks a sync to stop. One that waits is cancelled at once, one that runs at its next safe point.
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
   * Runs a failed or cancelled sync again, on the same record.
   *
   * @throws GitHubSdkError `sync_not_retryable` when it is in another state or was retried `maxRetries` times (3 unless told).
   */
  async retry(
    syncId: number,
    { maxRetries, ...options }: CallOptions & { readonly maxRetries?: number } = {},
  ): Promise<SyncRecord> {
    return this.#runToEnd(await this.resubmit(syncId, defined({ maxRetries })), options);
  }

  /** Hands a failed or cancelled sync to the job runner again and gives its pending record at once. @throws as {@link retry} */
  async resubmit(syncId: number, { maxRetries = 3 }: { readonly maxRetries?: number } = {}): Promise<SyncRecord> {
    const { records, jobs, clock } = this.#services;
    const record = await this.get(syncId);
    if (record.status !== "failed" && record.status !== "cancelled") {
      throw new GitHubSdkError(
        "sync_not_retryable",
        `Sync ${syncId} is ${record.status}: only failed or cancelled syncs are run again.`,
      );
    }
    if (record.retryCount >= maxRetries) {
      throw new GitHubSdkError("sync_not_retryable", `Sync ${syncId} was retried ${record.retryCount} times already.`);
    }
    const again = await records.transition(
      syncId,
      { from: [record.status], to: "pending" },
      {
        retryCount: record.retryCount + 1,
        error: null,
        conflicts: [],
        completedAt: null,
        updatedAt: new Date(clock.now()),
      },
    );
    if (again === null) throw new GitHubSdkError("sync_not_retryable", `Sync ${syncId} is being run already.`);
    await jobs.submit(syncId);
    return again;
  }

  /** A record. @throws GitHubSdkError `sync_record_not_found` */
  async get(syncId: number): Promise<SyncRecord> {
    const record = await this.#services.records.find(syncId);
    if (record === null) throw notFound(syncId);
    return record;
  }

  /**
   * Whether a sync made that commit, in whatever process: how a push of one's own is told from everybody else's. A commit that
   * somebody made of it, with its message, is not.
   */
  async isOwnCommit(commit: {
    readonly repositoryId: number;
    readonly commitId: ObjectId;
    readonly message: string;
  }): Promise<boolean> {
    const named = attemptInMessage(commit.message);
    const record = named === null ? null : await this.#services.records.find(named.syncId);
    if (named === null || record?.target.repositoryId !== commit.repositoryId) return false;
    const attempt = record.attempts.find(({ number, mark }) => number === named.number && mark === named.mark);
    return attempt !== undefined && (attempt.commitId === null || attempt.commitId === commit.commitId);
  }

  /** One page of a project's syncs, newest first; `limit` is 50 unless told. */
  history(
    query: SyncHistoryQuery,
    { limit = 50, cursor = null }: { readonly limit?: number; readonly cursor?: string | null } = {},
  ): Promise<SyncHistoryPage> {
    return this.#services.records.history(query, limit, cursor);
  }

  /**
   * Whether the user has such a project: it was synced before, or the source of project files has it.
   *
   * @throws GitHubSdkError `validation_failed` for an id that cannot be a folder's name, `source_unavailable`
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

  /** A project's syncs at a glance. */
  summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    return this.#services.records.summary(query);
  }

  /** Sums over all syncs of a user. */
  metrics(userId: string): Promise<SyncMetrics> {
    return this.#services.records.metrics(userId);
  }

  /** How far a running sync has come, as far as this process was told; `null` when it does not run. */
  progress(syncId: number): SyncProgress | null {
    return this.#running.progress(syncId);
  }

  /** How far each sync of a project has come that has not ended, in whatever process; those that wait included. */
  running(query: SyncHistoryQuery): Promise<readonly SyncProgress[]> {
    return this.#running.ofProject(query);
  }

  /** Takes no new syncs, stops running ones at a safe point (they go on at the next start) and ends all upkeep. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#services.jobs.stop();
    await this.#background;
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#running.close();
  }

  async #submitProject(parsed: ParsedSyncRequest, options: CallOptions): Promise<SyncRecord> {
    const { signal } = options;
    const session = await this.#projectFiles.open(parsed.project, defined({ signal }));
    await session.close();
    return this.#submit(parsed, sourceOf(parsed.project), null, options);
  }

  async #submit(
    parsed: ParsedSyncRequest,
    source: string,
    givenFiles: ProjectFiles | null,
    { signal = new AbortController().signal }: CallOptions,
  ): Promise<SyncRecord> {
    const { records, jobs, files, clock } = this.#services;
    if (this.#closing.signal.aborted) throw closed();
    const { cached, isNew, target } = await this.#access.requireWritable(parsed, source, signal);
    const record = await records.create({
      ...parsed.project,
      target,
      repository: cached.view.repository.fullName,
      options: parsed.options,
      createdAt: new Date(clock.now()),
    });
    if (givenFiles !== null) files.handOver(record.id, givenFiles);
    if (isNew) this.#services.initialSnapshots.set(record.id, cached);
    await this.#started;
    await jobs.submit(record.id);
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
      await this.#worker.recover(signal).catch((error) => logger.warn("Recovery will be tried again.", { error }));
      await clock.idle(RECOVERY_INTERVAL, signal).catch(() => undefined);
    }
  }
}

function closed(): GitHubSdkError {
  return new GitHubSdkError("sync_interrupted", "The SDK was closed. The sync goes on when it is started again.");
}

function notFound(syncId: number): GitHubSdkError {
  return new GitHubSdkError("sync_record_not_found", `There is no sync ${syncId}.`);
}
