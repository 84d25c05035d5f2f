import { EventEmitter } from "eventemitter3";
import type { Clock } from "../adapters/clock.js";
import type { SyncHistoryQuery } from "../adapters/sync-record-store.js";
import type { SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { EventBus, SyncEvent, SyncProgress } from "../events.js";
import type { Logger } from "../logger.js";
import type { RealtimeMessage } from "./realtime-message.js";
import { type RealtimeClient, RealtimeSession } from "./realtime-session.js";
import { GOING_AWAY, type RealtimeSocket, TOO_MANY_SOCKETS } from "./realtime-socket.js";
import { SyncFeed } from "./sync-feed.js";

/** Everything that live updates work with. What belongs to syncs is handed in by whoever assembles the SDK. */
export interface RealtimeServices {
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly find: (syncId: number) => Promise<SyncRecord | null>;
  /** The latest that is known of a sync that runs; `null` when nothing is. */
  readonly progress: (syncId: number) => SyncProgress | null;
  /** The same of all syncs of a project that have not ended, in whatever process they run. */
  readonly running: (query: SyncHistoryQuery) => Promise<readonly SyncProgress[]>;
}

const UPKEEP_INTERVAL = 30_000;
const CLOSE_GRACE = 3_000;

/**
 * Tells clients what happens to the syncs of the projects that they follow. Every event is handed to the connections of its
 * own user only.
 */
export class RealtimeEngine {
  /** The SDK's own, for whoever carries connections. */
  readonly clock: Clock;
  /** The SDK's own, likewise. */
  readonly logger: Logger;
  readonly #services: RealtimeServices;
  readonly #sessions = new Map<string, Set<RealtimeSession>>();
  /** The syncs that somebody follows, by id. */
  readonly #feeds = new Map<number, SyncFeed>();
  readonly #subscriptions: readonly (() => void)[];
  readonly #closing = new AbortController();
  readonly #empty = new EventEmitter();
  #upkeep: Promise<void> | null = null;
  #lookingAgain: Promise<void> | null = null;

  constructor(services: RealtimeServices) {
    this.#services = services;
    const { bus, clock, logger } = services;
    this.clock = clock;
    this.logger = logger;
    this.#subscriptions = [
      bus.on("sync.progress", (progress) => this.#feedOf(progress)?.progress(this.#neverFalling(progress))),
      bus.on("sync.completed", (event) => this.#feedOf(event)?.end("completed")),
      bus.on("sync.failed", (event) => this.#feedOf(event)?.end("failed")),
      bus.on("sync.cancelled", (event) => this.#feedOf(event)?.end("cancelled")),
    ];
  }

  /**
   * Takes up a connection; whoever carries it tells the session what comes in, and {@link left} when it is gone. Over the
   * limit the client is told why, and the connection is closed.
   */
  open(socket: RealtimeSocket, client: RealtimeClient, maxSocketsPerUser: number): RealtimeSession {
    const { clock, logger } = this.#services;
    const session = new RealtimeSession(socket, client, {
      running: (userId, projectId) => this.#running({ userId, projectId }),
      now: () => clock.now(),
      logger,
    });
    const sessions = this.#sessions.get(client.userId) ?? new Set();
    this.#sessions.set(client.userId, sessions.add(session));
    this.#upkeep ??= this.#runMaintenance();
    if (this.#closing.signal.aborted) session.end(GOING_AWAY);
    else if ([...sessions].filter(({ isOpen }) => isOpen).length > maxSocketsPerUser) {
      const detail = `A user may have ${maxSocketsPerUser} sockets at a time. Close one first.`;
      session.end(TOO_MANY_SOCKETS, new GitHubSdkError("rate_limited", detail));
    }
    return session;
  }

  /** A connection is gone. */
  left(session: RealtimeSession): void {
    session.closed();
    const sessions = this.#sessions.get(session.userId);
    if (!sessions?.delete(session) || sessions.size > 0) return;
    this.#sessions.delete(session.userId);
    if (this.#sessions.size === 0) this.#empty.emit("empty");
  }

  /** Tells what has happened so far and closes all connections; those that do not go in time are cut off. */
  async close(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await Promise.all([...this.#feeds.values()].map((feed) => feed.settled()));
    this.#closing.abort();
    for (const session of this.#allSessions()) session.end(GOING_AWAY);
    await this.#emptied();
    for (const session of this.#allSessions()) session.terminate();
    await this.#upkeep;
  }

  /** Resolves when the last connection has gone, or the time for it is up. */
  async #emptied(): Promise<void> {
    if (this.#sessions.size === 0) return;
    const gone = new AbortController();
    this.#empty.once("empty", () => gone.abort());
    await this.#services.clock.sleep(CLOSE_GRACE, gone.signal).catch(() => undefined);
  }

  #allSessions(): readonly RealtimeSession[] {
    return [...this.#sessions.values()].flatMap((sessions) => [...sessions]);
  }

  #isFollowed({ userId, projectId }: SyncHistoryQuery): boolean {
    return [...(this.#sessions.get(userId) ?? [])].some((session) => session.follows(projectId));
  }

  /** What is told of a sync's way goes through here; `null` when nobody follows its project. */
  #feedOf({ syncId, userId, projectId }: SyncEvent): SyncFeed | null {
    if (!this.#isFollowed({ userId, projectId })) {
      this.#feeds.delete(syncId);
      return null;
    }
    const { clock, logger, find } = this.#services;
    const feed =
      this.#feeds.get(syncId) ??
      new SyncFeed(syncId, {
        find,
        now: () => clock.now(),
        tell: (message) => this.#tell(userId, message),
        failed: (error) => logger.warn("How a sync ended could not be read yet.", { syncId, error }),
      });
    this.#feeds.set(syncId, feed);
    return feed;
  }

  #tell(userId: string, message: RealtimeMessage): void {
    for (const session of this.#sessions.get(userId) ?? []) session.tell(message);
  }

  /** A sync that was interrupted begins anew in another process: its clients see it stand, not fall. */
  #neverFalling(progress: SyncProgress): SyncProgress {
    const reached = this.#services.progress(progress.syncId)?.percentage ?? 0;
    return { ...progress, percentage: Math.max(progress.percentage, reached) };
  }

  /** What runs for a project now; from now on it is looked after, also when nothing more is heard of it. */
  async #running(query: SyncHistoryQuery): Promise<readonly SyncProgress[]> {
    const running = await this.#services.running(query);
    for (const progress of running) this.#feedOf(progress);
    return running;
  }

  async #runMaintenance(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#sessions.size > 0 && !signal.aborted) {
      await this.#services.clock.idle(UPKEEP_INTERVAL, signal).catch(() => undefined);
      if (signal.aborted) break;
      for (const session of this.#allSessions()) void session.inspect();
      this.#lookingAgain ??= this.#lookAgain();
    }
    this.#upkeep = null;
  }

  /** Events may get lost between processes: syncs that were not heard of for a while are looked up. */
  async #lookAgain(): Promise<void> {
    const quietSince = this.#services.clock.now() - UPKEEP_INTERVAL;
    for (const [syncId, feed] of this.#feeds) {
      if (feed.heardAt > quietSince) continue;
      if (feed.hasEnded) this.#feeds.delete(syncId);
      else await feed.lookAgain();
    }
    this.#lookingAgain = null;
  }
}
