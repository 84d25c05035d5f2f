import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { SyncProgress } from "../events.js";
import type { Logger } from "../logger.js";
import { Outbox } from "./outbox.js";
import type { RealtimeClient, RealtimeConnection } from "./realtime.js";
import { projectOf, type RealtimeCommand, type RealtimeMessage } from "./realtime-message.js";
import { type ClosingReason, type RealtimeSocket, TOKEN_EXPIRED, TOO_SLOW } from "./realtime-socket.js";

/** The services that a session uses. */
export interface RealtimeSessionServices {
  /** Resolves to the progress of the project's unfinished syncs. */
  readonly running: (userId: string, projectId: string) => Promise<readonly SyncProgress[]>;
  readonly now: () => number;
  readonly logger: Logger;
}

const MAX_PROJECTS = 1_000;
/** The number of queued commands from which reading is paused. */
const MAX_COMMANDS = 16;
/** The number of queued messages from which a client is disconnected. */
const MAX_WAITING = 1_000;
const SEND_TIMEOUT = 60_000;
const AUTHORIZATION_TTL = 5 * 60_000;

/** The session of one client's connection: its subscriptions, its commands and its outgoing messages. */
export class RealtimeSession implements RealtimeConnection {
  readonly #socket: RealtimeSocket;
  readonly #client: RealtimeClient;
  readonly #services: RealtimeSessionServices;
  readonly #outbox: Outbox;
  /** The subscribed projects. While a project's running syncs are being read: the syncs that messages were already sent about. */
  readonly #projects = new Map<string, Set<number> | null>();
  #commands: Promise<void> = Promise.resolve();
  #waitingCommands = 0;
  #ended = false;
  #alive = true;
  #authorizedAt: number;

  constructor(socket: RealtimeSocket, client: RealtimeClient, services: RealtimeSessionServices) {
    this.#socket = socket;
    this.#client = client;
    this.#services = services;
    this.#outbox = new Outbox(socket, services.now);
    this.#authorizedAt = services.now();
  }

  get userId(): string {
    return this.#client.userId;
  }

  /** True until the client or the server ends the session. */
  get isOpen(): boolean {
    return !this.#ended;
  }

  /** Returns true when the client is subscribed to the project. */
  follows(projectId: string): boolean {
    return this.#projects.has(projectId);
  }

  receive(command: RealtimeCommand): void {
    this.#enqueue(() => this.#execute(command));
  }

  reject(error: unknown): void {
    this.#enqueue(() => Promise.reject(error));
  }

  markAlive(): void {
    this.#alive = true;
  }

  /** Sends a message about a sync, when the client is subscribed to its project. */
  send(message: RealtimeMessage): void {
    const reported = this.#projects.get(projectOf(message) ?? "");
    if (reported === undefined) return;
    if (message.type === "progress") reported?.add(message.progress.syncId);
    if (message.type === "ended") reported?.add(message.record.id);
    this.#push(message);
  }

  end(reason: ClosingReason, error: GitHubSdkError | null = null): void {
    if (this.#ended) return;
    if (error !== null) this.#push(errorMessage(error));
    this.#ended = true;
    this.#projects.clear();
    this.#outbox.finish(() => this.#socket.close(reason));
  }

  /** Ends the session of a closed connection. */
  closed(): void {
    this.#ended = true;
    this.#projects.clear();
    this.#outbox.close();
  }

  /** Terminates the connection without a closing handshake. */
  terminate(): void {
    this.#socket.terminate();
  }

  /** Terminates a dead or blocked connection, and renews the authorization of a live one. Called periodically. */
  async inspect(): Promise<void> {
    const { now, logger } = this.#services;
    const since = this.#outbox.sendingSince;
    if (!this.#alive || (since !== null && now() - since >= SEND_TIMEOUT)) {
      logger.debug("A WebSocket client that does not respond was disconnected.", { userId: this.userId });
      return this.terminate();
    }
    this.#alive = false;
    this.#socket.ping();
    if (this.#ended || now() - this.#authorizedAt < AUTHORIZATION_TTL) return;
    this.#authorizedAt = now();
    await this.#renewAuthorization().catch((error) =>
      logger.warn("The authorization of a WebSocket client could not be renewed.", { userId: this.userId, error }),
    );
  }

  async #renewAuthorization(): Promise<void> {
    const invalid = await refusal(this.#client.authenticateAgain());
    if (invalid !== null) return this.end(TOKEN_EXPIRED, invalid);
    for (const projectId of [...this.#projects.keys()]) {
      const refused = await refusal(this.#client.authorizeProject(projectId));
      if (refused === null) continue;
      this.#push(errorMessage(refused));
      await this.#unsubscribe(projectId);
    }
  }

  #enqueue(run: () => Promise<void>): void {
    if (this.#ended) return;
    this.#waitingCommands += 1;
    if (this.#waitingCommands === MAX_COMMANDS) this.#socket.pause();
    this.#commands = this.#commands
      .then(run)
      .catch((error) => this.#reply(this.#toErrorMessage(error)))
      .then(() => {
        this.#waitingCommands -= 1;
        if (this.#waitingCommands === MAX_COMMANDS - 1) this.#socket.resume();
      });
  }

  async #execute(command: RealtimeCommand): Promise<void> {
    if (command.action === "heartbeat") return this.#reply({ type: "heartbeat" });
    if (command.action === "unsubscribe") return this.#unsubscribe(command.projectId);
    return this.#subscribe(command.projectId);
  }

  async #subscribe(projectId: string): Promise<void> {
    await this.#client.authorizeProject(projectId);
    if (this.#ended) return;
    if (this.#projects.size >= MAX_PROJECTS && !this.#projects.has(projectId)) {
      throw new GitHubSdkError("validation_failed", `The limit of ${MAX_PROJECTS} projects per socket is reached.`);
    }
    // Subscribes before reading the running syncs, so that no event in between is missed.
    const reported = new Set<number>();
    this.#projects.set(projectId, reported);
    const confirmed = this.#reply({ type: "subscribed", projectId });
    try {
      const running = await this.#services.running(this.userId, projectId);
      for (const progress of running) if (!reported.has(progress.syncId)) this.send({ type: "progress", progress });
    } finally {
      if (this.#projects.get(projectId) === reported) this.#projects.set(projectId, null);
      await confirmed;
    }
  }

  async #unsubscribe(projectId: string): Promise<void> {
    this.#projects.delete(projectId);
    this.#outbox.dropProject(projectId);
    await this.#reply({ type: "unsubscribed", projectId });
  }

  /** Resolves when the reply has been sent, so that a client that does not read replies cannot send more commands. */
  #reply(message: RealtimeMessage): Promise<void> {
    return new Promise((resolve) => this.#outbox.push(message, resolve));
  }

  #push(message: RealtimeMessage): void {
    if (this.#outbox.size < MAX_WAITING) {
      this.#outbox.push(message);
      return;
    }
    this.closed();
    this.#socket.close(TOO_SLOW);
  }

  #toErrorMessage(error: unknown): RealtimeMessage {
    if (isGitHubSdkError(error) && error.code !== "internal_error") return errorMessage(error);
    this.#services.logger.error("A command of a WebSocket client failed.", { userId: this.userId, error });
    return { type: "error", code: "internal_error", detail: "Internal error. See the host's log for the cause." };
  }
}

function errorMessage({ code, message }: GitHubSdkError): RealtimeMessage {
  return { type: "error", code, detail: message };
}

/** Resolves to the error that refuses a client; `null` when the check passes. @throws errors that are not about the client, such as an outage */
async function refusal(check: Promise<void>): Promise<GitHubSdkError | null> {
  try {
    await check;
    return null;
  } catch (error) {
    if (isGitHubSdkError(error) && error.status < 500) return error;
    throw error;
  }
}
