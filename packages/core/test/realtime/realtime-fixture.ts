import type { PubSub } from "@infrajet/github/adapters";
import { createManualClock, type ManualClock } from "@infrajet/github-testing/conformance";
import {
  newSyncRecord,
  type SyncRecord,
  type SyncRecordChange,
  type SyncStatus,
} from "../../src/domain/sync-record.js";
import { GitHubSdkError } from "../../src/errors.js";
import { EventBus, type SyncProgress } from "../../src/events.js";
import { silentLogger } from "../../src/logger.js";
import { MemoryPubSub } from "../../src/memory/memory-pub-sub.js";
import { MemoryStateStore } from "../../src/memory/memory-state-store.js";
import { MemorySyncRecordStore } from "../../src/memory/memory-sync-record-store.js";
import { RealtimeEngine } from "../../src/realtime/realtime-engine.js";
import type { RealtimeSession } from "../../src/realtime/realtime-session.js";
import { syncEvent } from "../../src/sync/record/progress.js";
import { RunningSyncs } from "../../src/sync/run/running-syncs.js";
import { parseSyncRequest } from "../../src/sync/sync-request.js";
import { TARGET } from "../sync/plan/planned-sync.js";
import { ManualSocket } from "./manual-socket.js";

const { options } = parseSyncRequest({ project: { userId: "ada", projectId: "infra" }, repository: "ada/infra" });
const OF_STATUS = { completed: "sync.completed", failed: "sync.failed", cancelled: "sync.cancelled" } as const;

/** A client of the fixture. */
export interface Visitor {
  readonly session: RealtimeSession;
  readonly socket: ManualSocket;
}

/** A realtime engine with records and events that the test controls. */
export class RealtimeFixture {
  readonly clock: ManualClock;
  /** Replaced by a test that empties or restores the store. */
  records: MemorySyncRecordStore;
  readonly bus: EventBus;
  readonly syncs: RunningSyncs;
  /** Users with expired tokens, and projects that no user is authorized for. */
  readonly expired = new Set<string>();
  readonly forbidden = new Set<string>();
  /** Delays the reading of changes. */
  reading: Promise<void> = Promise.resolve();
  /** The number of reads of changes after a number. */
  reads = 0;
  readonly engine: RealtimeEngine;

  /** @param shared what several processes share; each has a pub-sub of its own, so that events between them get lost, unless one is given */
  constructor(
    shared: { readonly clock?: ManualClock; readonly records?: MemorySyncRecordStore; pubSub?: PubSub } = {},
  ) {
    this.clock = shared.clock ?? createManualClock();
    this.records = shared.records ?? new MemorySyncRecordStore();
    this.bus = new EventBus(shared.pubSub ?? new MemoryPubSub(), silentLogger);
    this.syncs = new RunningSyncs(this.bus, this.records);
    this.engine = new RealtimeEngine({
      bus: this.bus,
      states: new MemoryStateStore(this.clock),
      clock: this.clock,
      logger: silentLogger,
      records: {
        changedSince: async (project, after, limit) => {
          if (limit > 0) this.reads += 1;
          await this.reading;
          return this.records.changedSince(project, after, limit);
        },
        history: (...query) => this.records.history(...query),
        find: (id) => this.records.find(id),
      },
      progress: (syncId) => this.syncs.progress(syncId),
      running: (query) => this.syncs.ofProject(query),
    });
  }

  connect(
    userId: string,
    { maxSocketsPerUser = 200, expiresAt }: { maxSocketsPerUser?: number; expiresAt?: number } = {},
  ): Visitor {
    const socket = new ManualSocket();
    const client = {
      userId,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      authorizeProject: async (projectId: string) => {
        if (this.forbidden.has(projectId)) throw new GitHubSdkError("project_not_found", "Project not found.");
      },
      authenticateAgain: async () => {
        if (this.expired.has(userId)) throw new GitHubSdkError("unauthenticated", "Log in again.");
      },
    };
    return { socket, session: this.engine.open(socket, client, maxSocketsPerUser) };
  }

  /** Opens a client with a confirmed subscription to a project. */
  async follow(userId: string, projectId = "infra", after?: string): Promise<Visitor> {
    const visitor = this.connect(userId);
    visitor.session.receive({ action: "subscribe", projectId, ...(after === undefined ? {} : { after }) });
    await settle();
    visitor.socket.received.splice(0, 1);
    return visitor;
  }

  async record(userId: string, status: SyncStatus = "in_progress", projectId = "infra"): Promise<SyncRecord> {
    const createdAt = new Date(this.clock.now());
    const { id } = await this.records.create({
      ...{ userId, projectId, target: TARGET, repository: "ada/infra", options, createdAt },
    });
    const path = status === "pending" ? [] : status === "in_progress" ? [status] : (["in_progress", status] as const);
    let record = await this.records.find(id);
    for (const to of path) record = await this.step(id, to);
    return record ?? newSyncRecord(id, { userId, projectId, target: TARGET, repository: "", options, createdAt });
  }

  async step(id: number, to: SyncStatus, change: SyncRecordChange = {}): Promise<SyncRecord> {
    const from = ["pending", "in_progress", "failed", "cancelled"] as const;
    const record = await this.records.transition(
      id,
      { from, to },
      { updatedAt: new Date(this.clock.now()), ...change },
    );
    if (record === null) throw new Error(`sync ${id} does not go to ${to}`);
    return record;
  }

  /** Emits a progress event. */
  progress(record: SyncRecord, percentage: number, phase: SyncProgress["phase"] = "reading"): void {
    this.bus.emit("sync.progress", {
      ...syncEvent(record),
      phase,
      percentage,
      currentFile: null,
      filesCompleted: percentage,
      totalFiles: 100,
      estimatedCompletion: null,
    });
  }

  /** Ends a sync in its record and emits the event. */
  async end(
    record: SyncRecord,
    status: "completed" | "failed" | "cancelled",
    change: SyncRecordChange = {},
  ): Promise<void> {
    await this.step(record.id, status, change);
    this.bus.emit(OF_STATUS[status], syncEvent(record));
    await settle();
  }

  async close(): Promise<void> {
    this.syncs.close();
    await this.bus.close();
  }
}

/** Lets all queued microtasks and immediates run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Returns a client's messages in short form. */
export function told({ socket }: Visitor): string[] {
  return socket.received.map((message) => {
    if (message.type === "progress") return `${message.progress.syncId}: ${message.progress.percentage}`;
    if (message.type === "ended") return `${message.record.id}: ${message.record.status}`;
    if (message.type === "project_changed") return `${message.record.id}: changed ${message.record.filesPulled}`;
    if (message.type === "repository_changed") return `${message.change.branch}: ${message.change.head}`;
    if (message.type === "error") return message.code;
    return message.type === "heartbeat" ? message.type : `${message.type} ${message.projectId}`;
  });
}
