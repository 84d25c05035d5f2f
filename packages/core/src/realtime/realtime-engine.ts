import { EventEmitter } from "eventemitter3";
import type { Clock } from "../adapters/clock.js";
import type { SyncHistoryQuery } from "../adapters/sync-record-store.js";
import type { SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { EventBus, SyncEvent, SyncProgress } from "../events.js";
import type { Logger } from "../logger.js";
import type { Realtime, RealtimeClient } from "./realtime.js";
import type { RealtimeMessage } from "./realtime-message.js";
import { RealtimeSession } from "./realtime-session.js";
import { GOING_AWAY, type RealtimeSocket, TOO_MANY_SOCKETS } from "./realtime-socket.js";
import { SyncFeed } from "./sync-feed.js";

/** The services that realtime updates use. */
export interface RealtimeServices {
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly find: (syncId: number) => Promise<SyncRecord | null>;
  /** Returns the latest known progress of a running sync; `null` when none is known. */
  readonly progress: (syncId: number) => SyncProgress | null;
  /** Resolves to the latest progress of the project's unfinished syncs, in any process. */
  readonly running: (query: SyncHistoryQuery) => Promise<readonly SyncProgress[]>;
}

const MAINTENANCE_INTERVAL = 30_000;
const CLOSE_GRACE = 3_000;

/**
 * Sends clients the progress and the end of the syncs of the projects that they subscribed to. An event is sent only to the
 * connections of its own user.
 */
export class RealtimeEngine implements Realtime {
  readonly #services: RealtimeServices;
  readonly #sessions = new Map<string, Set<RealtimeSession>>();
  /** The feeds of syncs with subscribers, by sync id. */
  readonly #feeds = new Map<number, SyncFeed>();
  readonly #subscriptions: readonly (() => void)[];
  readonly #closing = new AbortController();
  readonly #empty = new EventEmitter();
  #maintenance: Promise<void> | null = null;
  #pollingFeeds: Promise<void> | null = null;

  constructor(services: RealtimeServices) {
    this.#services = services;
    const { bus } = services;
    this.#subscriptions = [
      bus.on("sync.progress", (progress) => this.#feedOf(progress)?.progress(this.#withMonotonicPercentage(progress))),
      bus.on("sync.completed", (event) => this.#feedOf(event)?.end("completed")),
      bus.on("sync.failed", (event) => this.#feedOf(event)?.end("failed")),
      bus.on("sync.cancelled", (event) => this.#feedOf(event)?.end("cancelled")),
    ];
  }

  open(socket: RealtimeSocket, client: RealtimeClient, maxSocketsPerUser: number): RealtimeSession {
    const { clock, logger } = this.#services;
    const session = new RealtimeSession(socket, client, {
      running: (userId, projectId) => this.#running({ userId, projectId }),
      now: () => clock.now(),
      logger,
    });
    const sessions = this.#sessions.get(client.userId) ?? new Set();
    this.#sessions.set(client.userId, sessions.add(session));
    this.#maintenance ??= this.#runMaintenance();
    if (this.#closing.signal.aborted) session.end(GOING_AWAY);
    else if ([...sessions].filter(({ isOpen }) => isOpen).length > maxSocketsPerUser) {
      const detail = `The limit of ${maxSocketsPerUser} open sockets per user is reached. Close one first.`;
      session.end(TOO_MANY_SOCKETS, new GitHubSdkError("rate_limited", detail));
    }
    return session;
  }

  closed(session: RealtimeSession): void {
    session.closed();
    const sessions = this.#sessions.get(session.userId);
    if (!sessions?.delete(session) || sessions.size > 0) return;
    this.#sessions.delete(session.userId);
    if (this.#sessions.size === 0) this.#empty.emit("empty");
  }

  /** Sends all pending events and closes all connections. Connections that stay open too long are terminated. */
  async close(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await Promise.all([...this.#feeds.values()].map((feed) => feed.idle()));
    this.#closing.abort();
    for (const session of this.#allSessions()) session.end(GOING_AWAY);
    await this.#emptied();
    for (const session of this.#allSessions()) session.terminate();
    await this.#maintenance;
  }

  /** Resolves when the last connection closed or the grace period ended. */
  async #emptied(): Promise<void> {
    if (this.#sessions.size === 0) return;
    const empty = new AbortController();
    this.#empty.once("empty", () => empty.abort());
    await this.#services.clock.sleep(CLOSE_GRACE, empty.signal).catch(() => undefined);
  }

  #allSessions(): readonly RealtimeSession[] {
    return [...this.#sessions.values()].flatMap((sessions) => [...sessions]);
  }

  #hasSubscriber({ userId, projectId }: SyncHistoryQuery): boolean {
    return [...(this.#sessions.get(userId) ?? [])].some((session) => session.follows(projectId));
  }

  /** Returns the feed of a sync; `null` when its project has no subscriber. */
  #feedOf({ syncId, userId, projectId }: SyncEvent): SyncFeed | null {
    if (!this.#hasSubscriber({ userId, projectId })) {
      this.#feeds.delete(syncId);
      return null;
    }
    const { clock, logger, find } = this.#services;
    const feed =
      this.#feeds.get(syncId) ??
      new SyncFeed(syncId, {
        find,
        now: () => clock.now(),
        send: (message) => this.#send(userId, message),
        failed: (error) => logger.warn("The result of a sync could not be read yet.", { syncId, error }),
      });
    this.#feeds.set(syncId, feed);
    return feed;
  }

  #send(userId: string, message: RealtimeMessage): void {
    for (const session of this.#sessions.get(userId) ?? []) session.send(message);
  }

  /** An interrupted sync restarts in another process; its percentage must not go backwards. */
  #withMonotonicPercentage(progress: SyncProgress): SyncProgress {
    const reached = this.#services.progress(progress.syncId)?.percentage ?? 0;
    return { ...progress, percentage: Math.max(progress.percentage, reached) };
  }

  /** Returns the running syncs of a project and creates their feeds, so that they are polled when events get lost. */
  async #running(query: SyncHistoryQuery): Promise<readonly SyncProgress[]> {
    const running = await this.#services.running(query);
    for (const progress of running) this.#feedOf(progress);
    return running;
  }

  async #runMaintenance(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#sessions.size > 0 && !signal.aborted) {
      await this.#services.clock.idle(MAINTENANCE_INTERVAL, signal).catch(() => undefined);
      if (signal.aborted) break;
      for (const session of this.#allSessions()) void session.inspect();
      this.#pollingFeeds ??= this.#pollFeeds();
    }
    this.#maintenance = null;
  }

  /** Events between processes can get lost, so that syncs without recent events are read from the store. */
  async #pollFeeds(): Promise<void> {
    const quietSince = this.#services.clock.now() - MAINTENANCE_INTERVAL;
    for (const [syncId, feed] of this.#feeds) {
      if (feed.updatedAt > quietSince) continue;
      if (feed.hasEnded) this.#feeds.delete(syncId);
      else await feed.poll();
    }
    this.#pollingFeeds = null;
  }
}
