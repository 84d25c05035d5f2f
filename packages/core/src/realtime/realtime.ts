import type { GitHubSdkError } from "../errors.js";
import type { RealtimeCommand } from "./realtime-message.js";
import type { ClosingReason, RealtimeSocket } from "./realtime-socket.js";
import type { RealtimeTickets } from "./realtime-tickets.js";

/** The client of a session and its permissions. */
export interface RealtimeClient {
  readonly userId: string;
  /** Resolves when the user may see the project. @throws GitHubSdkError when not */
  readonly authorizeProject: (projectId: string) => Promise<void>;
  /** Validates the token again. @throws GitHubSdkError with status 401 when it is no longer valid for this user */
  readonly authenticateAgain: () => Promise<void>;
  /** The time at which the session ends, in epoch milliseconds. Defaults to no limit. */
  readonly expiresAt?: number;
}

/** The session of one open connection, for the code that holds the connection. */
export interface RealtimeConnection {
  /** Queues a command of the client. Commands run one after the other. */
  receive(command: RealtimeCommand): void;
  /** Queues the error response to an invalid message. */
  reject(error: unknown): void;
  /** Records that the client is alive. */
  markAlive(): void;
  /** Sends the error, if any, and closes the connection after all queued messages are sent. */
  end(reason: ClosingReason, error?: GitHubSdkError | null): void;
}

/**
 * Live updates for clients: the progress and the end of the syncs of the projects that they subscribed to.
 *
 * `attachRealtime` of `@infrajet/github/node` and the framework packages serve them over WebSocket. Use this interface to serve
 * them over another transport.
 */
export interface Realtime {
  /** The tickets that open connections. */
  readonly tickets: RealtimeTickets;
  /**
   * Opens a session for a connection. The caller passes incoming messages to the session and calls {@link closed} when the
   * connection closes. Over the limit of sockets, the client receives an error and the connection is closed.
   */
  open(socket: RealtimeSocket, client: RealtimeClient, maxSocketsPerUser: number): RealtimeConnection;
  /** Returns true when the user has fewer open connections than the limit. */
  hasRoom(userId: string, maxSocketsPerUser: number): boolean;
  /** Removes the session of a closed connection. */
  closed(connection: RealtimeConnection): void;
}
