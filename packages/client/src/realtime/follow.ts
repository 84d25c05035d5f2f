import type { GitHubRealtimeMessage } from "../../generated/openapi.js";
import type { GitHubClientError } from "../github-client-error.js";
import { FollowConnection, type FollowServer, type FollowTransport } from "./follow-connection.js";
import { type FollowMessage, type FollowMessageType, isEnd } from "./follow-message.js";
import { MessageQueue } from "./message-queue.js";
import { ProjectCursors } from "./project-cursors.js";
import { ToldEnds } from "./told-ends.js";

/** Options of `follow`. */
export interface FollowOptions {
  /** The `cursor` of an earlier follow. The ends since then are delivered first. Defaults to the present. */
  readonly after?: string;
  /** Ends the connection and the loop. */
  readonly signal?: AbortSignal;
}

/** The values of a {@link Follow}'s events: the messages by their type, and the state of the connection. */
export type FollowEvents = {
  readonly [Type in FollowMessageType]: FollowMessage & { readonly type: Type };
} & {
  /** Each message. */
  readonly message: FollowMessage;
  /** The first message of a connection arrived. */
  readonly connected: FollowTransport;
  /** The connection was lost, and is opened again. */
  readonly disconnected: undefined;
  /** No message follows: `close` was called, or the server refused the user, which is the error. */
  readonly closed: GitHubClientError | null;
};

/**
 * The live messages about projects. Read them in one `for await` loop, or by events. The last 100 messages before the loop wait for it.
 * While it runs, it receives every end and the latest progress. Leaving the loop closes the connection.
 */
export interface Follow extends AsyncIterable<FollowMessage> {
  /** The place up to which messages arrived, to continue from with `after`. An empty string before the first message. */
  readonly cursor: string;
  /** Calls a listener for an event. Returns a function that removes the listener. */
  on<Name extends keyof FollowEvents>(name: Name, listener: (value: FollowEvents[Name]) => void): () => void;
  /** Closes the connection. The loop ends after the messages that have arrived. */
  close(): void;
}

/** Opens a connection that follows projects. */
export function openFollow(
  server: FollowServer,
  projectIds: readonly string[],
  { after, signal }: FollowOptions,
): Follow {
  const follow = new ProjectFollow(server, projectIds, after);
  const close = (): void => follow.close();
  if (signal?.aborted) close();
  signal?.addEventListener("abort", close);
  follow.on("closed", () => signal?.removeEventListener("abort", close));
  return follow;
}

class ProjectFollow implements Follow {
  // A listener that throws does not keep an event from the others.
  readonly #events = new EventTarget();
  readonly #cursors: ProjectCursors;
  readonly #toldEnds = new ToldEnds();
  readonly #connection: FollowConnection;
  readonly #queue = new MessageQueue();
  #isPaused = false;
  #closed = false;

  constructor(server: FollowServer, projectIds: readonly string[], after: string | undefined) {
    this.#cursors = new ProjectCursors(projectIds, after);
    this.#connection = new FollowConnection(
      server,
      { projectIds, cursors: this.#cursors },
      {
        connected: (transport) => this.#emit("connected", transport),
        received: (message) => this.#receive(message),
        disconnected: () => this.#emit("disconnected", undefined),
        refused: (error) => this.#close(error),
      },
    );
  }

  get cursor(): string {
    return String(this.#cursors);
  }

  on<Name extends keyof FollowEvents>(name: Name, listener: (value: FollowEvents[Name]) => void): () => void {
    const handle = (event: Event): void => listener((event as MessageEvent).data);
    this.#events.addEventListener(name, handle);
    return () => this.#events.removeEventListener(name, handle);
  }

  close(): void {
    this.#close(null);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FollowMessage, void, undefined> {
    this.#queue.begin();
    try {
      for (let message = await this.#queue.take(); message !== null; message = await this.#queue.take()) {
        yield message;
        this.#resumeWhenRead();
      }
    } finally {
      this.close();
    }
  }

  #receive(message: GitHubRealtimeMessage): void {
    if (message.type === "heartbeat" || this.#closed) return;
    this.#cursors.advance(message);
    if (isEnd(message) && !this.#toldEnds.add(message)) return;
    this.#queue.push(message);
    // The server keeps the ends for a loop that reads slowly: it sends them after the cursor.
    if (this.#queue.isFull && !this.#isPaused) {
      this.#isPaused = true;
      this.#connection.pause();
    }
    this.#emit(message.type, message);
    this.#emit("message", message);
  }

  #emit(name: keyof FollowEvents, data: FollowEvents[keyof FollowEvents]): void {
    this.#events.dispatchEvent(new MessageEvent(name, { data }));
  }

  #resumeWhenRead(): void {
    if (!this.#isPaused || !this.#queue.isEmpty || this.#closed) return;
    this.#isPaused = false;
    this.#connection.resume();
  }

  #close(error: GitHubClientError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
    this.#queue.end(error);
    this.#emit("closed", error);
  }
}
