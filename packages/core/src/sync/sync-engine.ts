import type { ProjectFiles } from "../adapters/project-files.js";
import type { SyncHistoryPage, SyncHistoryQuery, SyncSummary } from "../adapters/sync-record-store.js";
import { defined } from "../defined.js";
import type { ProjectKey } from "../domain/project-file.js";
import type { ProjectLink } from "../domain/project-link.js";
import type { SyncMetrics, SyncRecord } from "../domain/sync-record.js";
import { projectSource } from "../domain/sync-source.js";
import type { SyncProgress } from "../events.js";
import type { ConflictContent, ConflictSide } from "./conflicts/conflict-content.js";
import type { ConflictDecision, ConflictVersions } from "./conflicts/conflict-resolver.js";
import type { ConflictTarget } from "./conflicts/conflict-target.js";
import { Conflicts } from "./conflicts/conflicts.js";
import type { OpenConflict } from "./conflicts/open-conflict.js";
import { isKnownProject } from "./known-project.js";
import { type LinkRequest, splitLinkRequest, type UnlinkRequest } from "./link/link-request.js";
import { ProjectLinks } from "./link/project-links.js";
import type { SyncPlan } from "./plan/plan.js";
import { type AccessOptions, SyncAccess } from "./plan/sync-access.js";
import { givenFiles } from "./project/given-files.js";
import { type HandedOver, notWritable, SyncSources } from "./project/sync-sources.js";
import { cancelPending } from "./record/cancel-pending.js";
import { joinPending } from "./record/join-pending.js";
import { syncEvent } from "./record/progress.js";
import { retryRecord } from "./record/retry-record.js";
import { revertibleSync } from "./revertible-sync.js";
import { DryRun } from "./run/dry-run.js";
import { RunningSyncs } from "./run/running-syncs.js";
import { SyncWork } from "./run/sync-work.js";
import { type ParsedSyncRequest, parseSyncRequest, type SyncRequest } from "./sync-request.js";
import type { SyncServices } from "./sync-services.js";
import { closedError, endOf, SyncWaiter, type WaitOptions } from "./sync-waiter.js";
import type {
  CallOptions,
  ConflictContentOptions,
  ResubmitOptions,
  SubmitOptions,
  SyncHistoryOptions,
  Syncs,
} from "./syncs.js";
import { filesToWrite, parseWriteFilesRequest, type WriteFilesRequest } from "./write-files-request.js";

/** Keeps projects in sync with repositories: plans, runs and records syncs. */
export class SyncEngine implements Syncs {
  readonly #services: SyncServices;
  readonly #projectFiles: ProjectFiles;
  readonly #sources: SyncSources;
  readonly #access: SyncAccess;
  readonly #links: ProjectLinks;
  readonly #dryRun: DryRun;
  readonly #conflicts: Conflicts;
  readonly #work: SyncWork;
  readonly #running: RunningSyncs;
  readonly #waiter: SyncWaiter;
  readonly #closing = new AbortController();
  readonly #subscriptions: readonly (() => void)[];

  constructor(services: SyncServices) {
    this.#services = services;
    this.#projectFiles = services.projectFiles;
    this.#sources = new SyncSources(services.projectFiles, services.clock);
    this.#access = new SyncAccess(services);
    this.#links = new ProjectLinks(services, this.#access);
    this.#dryRun = new DryRun(services);
    this.#conflicts = new Conflicts({ ...services, access: this.#access });
    const { bus, records } = services;
    this.#running = new RunningSyncs(bus, records);
    this.#waiter = new SyncWaiter(services, this.#closing.signal);
    const release = ({ syncId }: { syncId: number }): void => this.#sources.release(syncId);
    this.#subscriptions = [
      bus.on("sync.completed", release),
      bus.on("sync.failed", release),
      bus.on("sync.cancelled", release),
    ];
    this.#work = new SyncWork({ ...services, sources: this.#sources });
  }

  async plan(request: SyncRequest, options: CallOptions = {}): Promise<SyncPlan> {
    const access = accessOptions(options);
    const parsed = this.#parse(request);
    const snapshot = await this.#access.snapshot(parsed, projectSource(parsed.project), access);
    return this.#dryRun.plan(parsed, snapshot, access.signal);
  }

  async apply(request: SyncRequest, planHash: string, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#endOf(await this.submit(request, { ...options, planHash }), options);
  }

  async run(request: SyncRequest, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#endOf(await this.submit(request, options), options);
  }

  submit(request: SyncRequest, { planHash, ...options }: SubmitOptions = {}): Promise<SyncRecord> {
    return this.#submitProject(this.#parse(request, planHash), options);
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
    return this.#endOf(await this.#submit(parsed, request.source, handedOver, options), options);
  }

  wait(syncId: number, options: WaitOptions = {}): Promise<SyncRecord> {
    return this.#waiter.wait(syncId, options);
  }

  async cancel(syncId: number): Promise<SyncRecord> {
    const cancelled = await cancelPending(this.#services, syncId);
    if (cancelled !== null) return cancelled;
    const record = await this.get(syncId);
    if (record.status === "in_progress" && !this.#work.cancel(syncId))
      this.#services.bus.emit("sync.cancel_requested", syncEvent(record));
    return record;
  }

  async retry(syncId: number, { maxRetries, ...options }: CallOptions & ResubmitOptions = {}): Promise<SyncRecord> {
    return this.#endOf(await this.resubmit(syncId, defined({ maxRetries })), options);
  }

  async resubmit(syncId: number, { maxRetries = 3 }: ResubmitOptions = {}): Promise<SyncRecord> {
    const pending = await retryRecord(this.#services, await this.get(syncId), maxRetries);
    await this.#work.submit(pending);
    return pending;
  }

  async revert(syncId: number, options: CallOptions = {}): Promise<SyncRecord> {
    return this.#endOf(await this.submitRevert(syncId, options), options);
  }

  async submitRevert(syncId: number, options: CallOptions = {}): Promise<SyncRecord> {
    const record = await this.get(syncId);
    const request = await revertibleSync(this.#access, record, accessOptions(options));
    return this.#submit(request, record.target.source, {}, options);
  }

  get(syncId: number): Promise<SyncRecord> {
    return this.#waiter.get(syncId);
  }

  async link(request: LinkRequest, options: CallOptions = {}): Promise<ProjectLink> {
    const { sync, auto } = splitLinkRequest(request);
    return this.#links.put(this.#parse(sync), auto, accessOptions(options));
  }

  links(project: ProjectKey): Promise<readonly ProjectLink[]> {
    return this.#links.list(project);
  }

  async unlink({ project, repository, branch = "main" }: UnlinkRequest): Promise<void> {
    const request = this.#parse({ ...defined({ project }), repository, branch });
    return this.#links.remove(request.project, request.repository, request.branch);
  }

  conflicts(target: ConflictTarget, options: CallOptions = {}): Promise<readonly OpenConflict[]> {
    return this.#conflicts.list(target, accessOptions(options));
  }

  conflictContent(
    target: ConflictTarget,
    path: string,
    side: ConflictSide,
    { maxBytes, ...options }: ConflictContentOptions = {},
  ): Promise<ConflictContent> {
    return this.#conflicts.content(target, path, side, { ...accessOptions(options), maxBytes });
  }

  resolve(
    target: ConflictTarget,
    path: string,
    decision: ConflictDecision,
    versions: ConflictVersions,
    options: CallOptions = {},
  ): Promise<void> {
    return this.#conflicts.resolve(target, path, decision, versions, accessOptions(options));
  }

  history(query: SyncHistoryQuery, { limit = 50, cursor = null }: SyncHistoryOptions = {}): Promise<SyncHistoryPage> {
    return this.#services.records.history(query, limit, cursor);
  }

  knowsProject(project: ProjectKey): Promise<boolean> {
    return isKnownProject(this.#services, project);
  }

  summary(query: SyncHistoryQuery): Promise<SyncSummary> {
    return this.#services.records.summary(query);
  }

  metrics(userId: string): Promise<SyncMetrics> {
    return this.#services.records.metrics(userId);
  }

  progress(syncId: number): SyncProgress | null {
    return this.#running.progress(syncId);
  }

  running(query: SyncHistoryQuery): Promise<readonly SyncProgress[]> {
    return this.#running.ofProject(query);
  }

  /** Accepts no new syncs, stops running ones at a safe point (they continue at the next start), and ends maintenance. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work.close();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#running.close();
    this.#sources.close();
  }

  #parse(request: SyncRequest, planHash: string | null = null): ParsedSyncRequest {
    const { protectedBranch, rateLimitDeadlineMs } = this.#services;
    const context = { planHash, protectedBranch, rateLimitDeadlineMs, project: this.#projectFiles.project };
    const parsed = parseSyncRequest(request, context);
    if (parsed.direction !== "push" && this.#projectFiles.openToWrite === undefined) throw notWritable();
    return parsed;
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
    options: CallOptions,
  ): Promise<SyncRecord> {
    const record = await this.#create(parsed, source, handedOver, accessOptions(options)).catch(async (error) => {
      await handedOver.session?.session.close().catch(() => undefined);
      throw error;
    });
    await this.#work.submit(record);
    return record;
  }

  async #create(
    parsed: ParsedSyncRequest,
    source: string,
    handedOver: HandedOver,
    options: AccessOptions,
  ): Promise<SyncRecord> {
    if (this.#closing.signal.aborted) throw closedError();
    const { cached, isNew, target } = await this.#access.require(parsed, source, options);
    const { records, clock, maxPendingSyncs } = this.#services;
    const draft = {
      ...parsed.project,
      target,
      repository: cached.view.repository.fullName,
      options: parsed.options,
      direction: parsed.direction,
      priority: parsed.priority,
      createdAt: new Date(clock.now()),
      holder: handedOver.files === undefined ? null : await this.#work.holder(),
    };
    const joined = parsed.priority === "background" ? await joinPending(records, draft) : null;
    if (joined !== null) {
      // It may be older than the change that the caller wants to sync.
      await handedOver.session?.session.close();
      return joined;
    }
    const record = await records.create(draft, { maxPending: maxPendingSyncs });
    this.#sources.handOver(record.id, isNew ? { ...handedOver, snapshot: cached } : handedOver);
    return record;
  }

  #endOf(record: SyncRecord, { signal }: CallOptions): Promise<SyncRecord> {
    const cancel = (): void => void this.#cancelOwn(record.id).catch(() => undefined);
    return endOf(() => this.wait(record.id), cancel, signal);
  }

  /** Cancels a sync, unless other calls asked for it as well. */
  async #cancelOwn(syncId: number): Promise<void> {
    if ((await this.get(syncId)).coalesced === 0) await this.cancel(syncId);
  }
}

function accessOptions({ signal = new AbortController().signal, isInteractive = false }: CallOptions): AccessOptions {
  return { signal, isInteractive };
}
