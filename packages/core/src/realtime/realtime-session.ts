import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { CatchUp, type ProjectReader } from "./catch-up.js";
import { Outbox } from "./outbox.js";
import { ProjectSubscription } from "./project-subscription.js";
import type { RealtimeClient, RealtimeConnection } from "./realtime.js";
import {
  type ProjectMessage,
  projectOf,
  type RealtimeCommand,
  type RealtimeMessage,
  withProjectChange,
} from "./realtime-message.js";
import {
  type ClosingReason,
  type RealtimeSocket,
  STORE_UNAVAILABLE,
  TOKEN_EXPIRED,
  TOO_SLOW,
} from "./realtime-socket.js";

/** The services that a session uses. */
export interface RealtimeSessionServices {
  /** Returns the reader of a project. */
  readonly reader: (userId: string, projectId: string) => ProjectReader;
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
  readonly #projects = new Map<string, ProjectSubscription>();
  /** Subscriptions that ended, since an end is sent once per connection. */
  readonly #former = new Map<string, ProjectSubscription>();
  readonly #over = new AbortController();
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

  /** Aborted when the session ends. */
  get over(): AbortSignal {
    return this.#over.signal;
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

  /** Sends a message about a sync, when the client is subscribed to its project and was not told before. */
  send(message: ProjectMessage): void {
    const accepted = this.#projects.get(projectOf(message) ?? "")?.accept(message) ?? null;
    if (accepted !== null) this.#push(accepted);
  }

  end(reason: ClosingReason, error: GitHubSdkError | null = null): void {
    if (this.#ended) return;
    if (error !== null) this.#push(errorMessage(error));
    this.#forget();
    this.#outbox.finish(() => this.#socket.close(reason));
  }

  /** Ends the session of a closed connection. */
  closed(): void {
    this.#forget();
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

  #forget(): void {
    this.#ended = true;
    this.#projects.clear();
    this.#former.clear();
    this.#over.abort();
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
    return this.#subscribe(command.projectId, command.after || null);
  }

  async #subscribe(projectId: string, after: string | null): Promise<void> {
    await this.#client.authorizeProject(projectId);
    if (this.#ended) return;
    if (this.#projects.size >= MAX_PROJECTS && !this.#projects.has(projectId)) {
      throw new GitHubSdkError("validation_failed", `The limit of ${MAX_PROJECTS} projects per connection is reached.`);
    }
    const live = this.#projects.get(projectId) ?? null;
    const subscription = live ?? this.#former.get(projectId) ?? new ProjectSubscription();
    this.#former.delete(projectId);
    // Subscribes before reading the changes, so that no event in between is missed.
    subscription.hold();
    this.#projects.set(projectId, subscription);
    const catchUp = new CatchUp({
      ...{ projectId, subscription, isLive: live !== null },
      reader: this.#services.reader(this.userId, projectId),
      send: (message) => this.#reply(message),
      isOver: () => this.#projects.get(projectId) !== subscription,
    });
    try {
      await catchUp.run(after);
    } catch (error) {
      this.#endFailedCatchUp(projectId, catchUp.isConfirmed && (after !== null || subscription.missedEnd), error);
      subscription.release([], new Set());
      if (!catchUp.isConfirmed && live === null) this.#projects.delete(projectId);
      throw error;
    }
  }

  /** Ends a session that may have missed ends. The client reconnects with its cursor. */
  #endFailedCatchUp(projectId: string, mayHaveMissed: boolean, error: unknown): void {
    if (!mayHaveMissed || this.#ended) return;
    this.#services.logger.warn("The changes of a project could not be read for a client.", { projectId, error });
    this.end(
      STORE_UNAVAILABLE,
      new GitHubSdkError("internal_error", "The project's changes could not be read. Reconnect."),
    );
  }

  async #unsubscribe(projectId: string): Promise<void> {
    const subscription = this.#projects.get(projectId) ?? new ProjectSubscription();
    if (this.#projects.delete(projectId)) this.#keepFormer(projectId, subscription);
    for (const message of this.#outbox.dropProject(projectId))
      if (message.type === "ended") subscription.moveBackBefore(message.cursor.seq);
    await this.#reply({ type: "unsubscribed", projectId, cursor: subscription.cursor });
  }

  #keepFormer(projectId: string, subscription: ProjectSubscription): void {
    this.#former.set(projectId, subscription);
    const [oldest] = this.#former.keys();
    if (this.#former.size > MAX_PROJECTS && oldest !== undefined) this.#former.delete(oldest);
  }

  /** Resolves when the reply has been sent, so that a client that does not read replies cannot send more commands. */
  #reply(message: RealtimeMessage): Promise<void> {
    const messages = withProjectChange(message);
    return new Promise((resolve) => {
      for (const each of messages) this.#outbox.push(each, each === messages.at(-1) ? resolve : undefined);
    });
  }

  #push(message: RealtimeMessage): void {
    if (this.#outbox.size < MAX_WAITING) {
      for (const each of withProjectChange(message)) this.#outbox.push(each);
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
