import { EventEmitter } from "eventemitter3";
import type { Clock } from "../adapters/clock.js";
import type { StateStore } from "../adapters/state-store.js";
import type { SyncRecordStore } from "../adapters/sync-record-store.js";
import type { ProjectKey } from "../domain/project-file.js";
import { isFinished, type SyncRecord } from "../domain/sync-record.js";
import { GitHubSdkError } from "../errors.js";
import type { EventBus, SyncProgress } from "../events.js";
import type { Logger } from "../logger.js";
import type { ProjectReader } from "./catch-up.js";
import { ProjectFeed } from "./project-feed.js";
import type { Realtime, RealtimeClient } from "./realtime.js";
import type { ProjectMessage } from "./realtime-message.js";
import { RealtimeSession } from "./realtime-session.js";
import { GOING_AWAY, type RealtimeSocket, TOKEN_EXPIRED, TOO_MANY_SOCKETS } from "./realtime-socket.js";
import { RealtimeTickets } from "./realtime-tickets.js";

/** The services that realtime updates use. */
export interface RealtimeServices {
  readonly bus: EventBus;
  readonly states: StateStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly records: Pick<SyncRecordStore, "changedSince" | "history" | "find">;
  /** Returns the latest known progress of a running sync; `null` when none is known. */
  readonly progress: (syncId: number) => SyncProgress | null;
  /** Resolves to the latest progress of the project's unfinished syncs, in any process. */
  readonly running: (project: ProjectKey) => Promise<readonly SyncProgress[]>;
}

const MAINTENANCE_INTERVAL = 30_000;
const CLOSE_GRACE = 3_000;
/** The number of records among which the sync that ended last is searched. */
const LATEST = 50;

/**
 * Sends clients the progress and the end of the syncs of the projects that they subscribed to. An event is sent only to the
 * connections of its own user.
 */
export class RealtimeEngine implements Realtime {
  readonly tickets: RealtimeTickets;
  readonly #services: RealtimeServices;
  readonly #sessions = new Map<string, Set<RealtimeSession>>();
  /** The feeds of projects with subscribers. */
  readonly #feeds = new Map<string, { readonly project: ProjectKey; readonly feed: ProjectFeed }>();
  readonly #subscriptions: readonly (() => void)[];
  readonly #closing = new AbortController();
  readonly #empty = new EventEmitter();
  #maintenance: Promise<void> | null = null;
  #pollingFeeds: Promise<void> | null = null;

  constructor(services: RealtimeServices) {
    this.#services = services;
    const { bus } = services;
    this.tickets = new RealtimeTickets(services.states, services.clock);
    this.#subscriptions = [
      bus.on("sync.progress", (progress) =>
        this.#followed(progress)?.progress(this.#withMonotonicPercentage(progress)),
      ),
      bus.on("sync.completed", (event) => this.#followed(event)?.end(event.syncId, "completed")),
      bus.on("sync.failed", (event) => this.#followed(event)?.end(event.syncId, "failed")),
      bus.on("sync.cancelled", (event) => this.#followed(event)?.end(event.syncId, "cancelled")),
      bus.on("repository.changed", (change) => this.#followed(change)?.repositoryChanged(change)),
    ];
  }

  open(socket: RealtimeSocket, client: RealtimeClient, maxSocketsPerUser: number): RealtimeSession {
    const { clock, logger } = this.#services;
    const session = new RealtimeSession(socket, client, {
      reader: (userId, projectId) => this.#reader({ userId, projectId }),
      now: () => clock.now(),
      logger,
    });
    const sessions = this.#sessions.get(client.userId) ?? new Set();
    this.#sessions.set(client.userId, sessions.add(session));
    this.#maintenance ??= this.#runMaintenance();
    if (client.expiresAt !== undefined) void this.#expire(session, client.expiresAt);
    if (this.#closing.signal.aborted) session.end(GOING_AWAY);
    else if (this.#openCount(client.userId) > maxSocketsPerUser) {
      const detail = `The limit of ${maxSocketsPerUser} open sockets per user is reached. Close one first.`;
      session.end(TOO_MANY_SOCKETS, new GitHubSdkError("rate_limited", detail));
    }
    return session;
  }

  hasRoom(userId: string, maxSocketsPerUser: number): boolean {
    return this.#openCount(userId) < maxSocketsPerUser;
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
    await Promise.all([...this.#feeds.values()].map(({ feed }) => feed.idle()));
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

  /** Ends a session whose authorization is limited in time. */
  async #expire(session: RealtimeSession, expiresAt: number): Promise<void> {
    const { clock } = this.#services;
    await clock.idle(Math.max(0, expiresAt - clock.now()), session.over).catch(() => undefined);
    session.end(TOKEN_EXPIRED, new GitHubSdkError("unauthenticated", "The session has expired. Request a new ticket."));
  }

  #openCount(userId: string): number {
    return [...(this.#sessions.get(userId) ?? [])].filter(({ isOpen }) => isOpen).length;
  }

  #hasSubscriber({ userId, projectId }: ProjectKey): boolean {
    return [...(this.#sessions.get(userId) ?? [])].some((session) => session.follows(projectId));
  }

  /** Returns the feed of an event's project; `null` when it has no subscriber. */
  #followed({ userId, projectId }: ProjectKey): ProjectFeed | null {
    if (this.#hasSubscriber({ userId, projectId })) return this.#feedOf({ userId, projectId });
    this.#feeds.delete(keyText({ userId, projectId }));
    return null;
  }

  #feedOf(project: ProjectKey): ProjectFeed {
    const { clock, logger, records, running } = this.#services;
    const known = this.#feeds.get(keyText(project));
    if (known !== undefined) return known.feed;
    const feed = new ProjectFeed({
      projectId: project.projectId,
      changedSince: (after, limit) => records.changedSince(project, after, limit),
      running: () => running(project),
      lastEnded: () => this.#lastEnded(project),
      now: () => clock.now(),
      send: (message) => this.#send(project.userId, message),
      failed: (error) => logger.warn("The changes of a project could not be read yet.", { ...project, error }),
    });
    this.#feeds.set(keyText(project), { project, feed });
    return feed;
  }

  #send(userId: string, message: ProjectMessage): void {
    for (const session of this.#sessions.get(userId) ?? []) session.send(message);
  }

  #reader(project: ProjectKey): ProjectReader {
    const { records } = this.#services;
    return {
      open: () => this.#feedOf(project).open(),
      changedSince: (after, limit) => records.changedSince(project, after, limit),
      running: async () => {
        const running = await this.#services.running(project);
        this.#feedOf(project).note(running);
        return running;
      },
      lastEnded: () => this.#lastEnded(project),
    };
  }

  async #lastEnded(project: ProjectKey): Promise<SyncRecord | null> {
    const { records } = this.#services;
    const latest = (await records.history(project, LATEST, null)).records.filter(({ status }) => isFinished(status));
    const [last] = latest.toSorted((a, b) => b.changeSeq - a.changeSeq);
    const record = last === undefined ? null : await records.find(last.id);
    return record !== null && isFinished(record.status) ? record : null;
  }

  /** An interrupted sync restarts in another process; its percentage must not go backwards. */
  #withMonotonicPercentage(progress: SyncProgress): SyncProgress {
    const reached = this.#services.progress(progress.syncId)?.percentage ?? 0;
    return { ...progress, percentage: Math.max(progress.percentage, reached) };
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

  /** Events between processes can get lost, so that the changes of each followed project are read. */
  async #pollFeeds(): Promise<void> {
    for (const [key, { project, feed }] of this.#feeds) {
      if (this.#hasSubscriber(project)) await feed.poll();
      else this.#feeds.delete(key);
    }
    this.#pollingFeeds = null;
  }
}

function keyText({ userId, projectId }: ProjectKey): string {
  return JSON.stringify([userId, projectId]);
}
