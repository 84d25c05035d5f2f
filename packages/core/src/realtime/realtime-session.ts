import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { SyncProgress } from "../events.js";
import type { Logger } from "../logger.js";
import { Outbox } from "./outbox.js";
import { projectOf, type RealtimeCommand, type RealtimeMessage } from "./realtime-message.js";
import { type ClosingReason, type RealtimeSocket, TOKEN_EXPIRED, TOO_SLOW } from "./realtime-socket.js";

/** Who is at the other end, and what they may see. */
export interface RealtimeClient {
  readonly userId: string;
  /** @throws GitHubSdkError when the user may not see the project */
  readonly authorizeProject: (projectId: string) => Promise<void>;
  /** Looks whether the token still proves this user. @throws GitHubSdkError of status 401 when it does not */
  readonly authenticateAgain: () => Promise<void>;
}

/** What a session works with. */
export interface RealtimeSessionServices {
  /** How far the project's syncs have come that have not ended. */
  readonly running: (userId: string, projectId: string) => Promise<readonly SyncProgress[]>;
  readonly now: () => number;
  readonly logger: Logger;
}

const MAX_PROJECTS = 1_000;
/** As many commands wait here; the client's own buffers hold the rest. */
const MAX_COMMANDS = 16;
/** Ends of syncs and answers that a client has not taken. */
const MAX_WAITING = 1_000;
const SEND_DEADLINE = 60_000;
const RIGHTS_LAST = 5 * 60_000;

/** One client's connection: which projects it follows, what it asks and what it is told. */
export class RealtimeSession {
  readonly #socket: RealtimeSocket;
  readonly #client: RealtimeClient;
  readonly #services: RealtimeSessionServices;
  readonly #outbox: Outbox;
  /** The projects that are followed; while one's running syncs are looked up, with those that something was told of. */
  readonly #projects = new Map<string, Set<number> | null>();
  #commands: Promise<void> = Promise.resolve();
  #waitingCommands = 0;
  #ended = false;
  #alive = true;
  #rightsSeenAt: number;

  constructor(socket: RealtimeSocket, client: RealtimeClient, services: RealtimeSessionServices) {
    this.#socket = socket;
    this.#client = client;
    this.#services = services;
    this.#outbox = new Outbox(socket, services.now);
    this.#rightsSeenAt = services.now();
  }

  get userId(): string {
    return this.#client.userId;
  }

  /** Whether it has not been ended, neither by the client nor from here. */
  get isOpen(): boolean {
    return !this.#ended;
  }

  follows(projectId: string): boolean {
    return this.#projects.has(projectId);
  }

  /** The client asks for something; commands are carried out one after the other. */
  receive(command: RealtimeCommand): void {
    this.#inTurn(() => this.#carryOut(command));
  }

  /** The client sent what is no command: it is told so in its turn. */
  complain(error: unknown): void {
    this.#inTurn(() => Promise.reject(error));
  }

  /** The client gave a sign of life. */
  alive(): void {
    this.#alive = true;
  }

  /** Something happened to a sync of this user. */
  tell(message: RealtimeMessage): void {
    const told = this.#projects.get(projectOf(message) ?? "");
    if (told === undefined) return;
    if (message.type === "progress") told?.add(message.progress.syncId);
    if (message.type === "ended") told?.add(message.record.id);
    this.#push(message);
  }

  /** Says why, if there is something to say, and closes once everything that waits has been sent. */
  end(reason: ClosingReason, error: GitHubSdkError | null = null): void {
    if (this.#ended) return;
    if (error !== null) this.#push(errorMessage(error));
    this.#ended = true;
    this.#projects.clear();
    this.#outbox.finish(() => this.#socket.close(reason));
  }

  /** The connection is gone. */
  closed(): void {
    this.#ended = true;
    this.#projects.clear();
    this.#outbox.close();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Finds out whether the client is still there and still may be; called from time to time. */
  async inspect(): Promise<void> {
    const { now, logger } = this.#services;
    const since = this.#outbox.sendingSince;
    if (!this.#alive || (since !== null && now() - since >= SEND_DEADLINE)) {
      logger.debug("A WebSocket client that gave no sign of life was cut off.", { userId: this.userId });
      return this.terminate();
    }
    this.#alive = false;
    this.#socket.ping();
    if (this.#ended || now() - this.#rightsSeenAt < RIGHTS_LAST) return;
    this.#rightsSeenAt = now();
    await this.#lookAtRights().catch((error) =>
      logger.warn("Whether a WebSocket client is still signed in could not be told.", { userId: this.userId, error }),
    );
  }

  async #lookAtRights(): Promise<void> {
    const invalid = await refusal(this.#client.authenticateAgain());
    if (invalid !== null) return this.end(TOKEN_EXPIRED, invalid);
    for (const projectId of [...this.#projects.keys()]) {
      const refused = await refusal(this.#client.authorizeProject(projectId));
      if (refused === null) continue;
      this.#push(errorMessage(refused));
      await this.#unsubscribe(projectId);
    }
  }

  #inTurn(run: () => Promise<void>): void {
    if (this.#ended) return;
    this.#waitingCommands += 1;
    if (this.#waitingCommands === MAX_COMMANDS) this.#socket.pause();
    this.#commands = this.#commands
      .then(run)
      .catch((error) => this.#reply(this.#describe(error)))
      .then(() => {
        this.#waitingCommands -= 1;
        if (this.#waitingCommands === MAX_COMMANDS - 1) this.#socket.resume();
      });
  }

  async #carryOut(command: RealtimeCommand): Promise<void> {
    if (command.action === "heartbeat") return this.#reply({ type: "heartbeat" });
    if (command.action === "unsubscribe") return this.#unsubscribe(command.projectId);
    return this.#subscribe(command.projectId);
  }

  async #subscribe(projectId: string): Promise<void> {
    await this.#client.authorizeProject(projectId);
    if (this.#ended) return;
    if (this.#projects.size >= MAX_PROJECTS && !this.#projects.has(projectId)) {
      throw new GitHubSdkError("validation_failed", `One socket follows ${MAX_PROJECTS} projects at the most.`);
    }
    // From now on, so that nothing is missed between what is known now and what happens next.
    const told = new Set<number>();
    this.#projects.set(projectId, told);
    const confirmed = this.#reply({ type: "subscribed", projectId });
    try {
      const running = await this.#services.running(this.userId, projectId);
      for (const progress of running) if (!told.has(progress.syncId)) this.tell({ type: "progress", progress });
    } finally {
      if (this.#projects.get(projectId) === told) this.#projects.set(projectId, null);
      await confirmed;
    }
  }

  async #unsubscribe(projectId: string): Promise<void> {
    this.#projects.delete(projectId);
    this.#outbox.dropProject(projectId);
    await this.#reply({ type: "unsubscribed", projectId });
  }

  /** Resolves when the answer has been sent: who does not take answers is not listened to. */
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

  #describe(error: unknown): RealtimeMessage {
    if (isGitHubSdkError(error) && error.code !== "internal_error") return errorMessage(error);
    this.#services.logger.error("A WebSocket client's message could not be answered.", { userId: this.userId, error });
    return { type: "error", code: "internal_error", detail: "Something went wrong. The host's log says what." };
  }
}

function errorMessage({ code, message }: GitHubSdkError): RealtimeMessage {
  return { type: "error", code, detail: message };
}

/** The error with which a client is refused; `null` when it is not. @throws what says nothing about the client, such as an outage */
async function refusal(check: Promise<void>): Promise<GitHubSdkError | null> {
  try {
    await check;
    return null;
  } catch (error) {
    if (isGitHubSdkError(error) && error.status < 500) return error;
    throw error;
  }
}
