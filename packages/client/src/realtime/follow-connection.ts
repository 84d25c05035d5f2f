import ReconnectingWebSocket from "partysocket/ws";
import type { GitHubCalls } from "../../generated/calls.js";
import type { GitHubRealtimeMessage } from "../../generated/openapi.js";
import { GitHubClientError } from "../github-client-error.js";
import { EventStreamSocket } from "./event-stream-socket.js";
import { parseMessage } from "./follow-message.js";
import type { ProjectCursors } from "./project-cursors.js";
import type { WebSocketClass, WebSocketLike } from "./web-socket-class.js";

/** The way in which messages arrive: a WebSocket or server-sent events. */
export type FollowTransport = "websocket" | "sse";

/** The server of a connection. */
export interface FollowServer extends Pick<GitHubCalls, "createRealtimeTicket"> {
  /** Absolute URL of the endpoints. */
  readonly baseUrl: string;
  readonly openStream: (url: string, signal: AbortSignal) => Promise<Response>;
  /** `null` to use server-sent events only. */
  readonly WebSocket: WebSocketClass | null;
}

/** The receiver of what happens on a connection. */
export interface FollowReceiver {
  connected(transport: FollowTransport): void;
  received(message: GitHubRealtimeMessage): void;
  disconnected(): void;
  /** The server refused the ticket, and would refuse it again. */
  refused(error: GitHubClientError): void;
}

/** Proxies close idle connections after a minute. The server sends comments every 15 seconds and answers heartbeats. */
const HEARTBEAT_INTERVAL = 30_000;
const MAX_RETRY_AFTER = 60_000;

/**
 * A connection that is opened again whenever it is lost, each time with a new ticket and from the last cursors. When a socket does not
 * deliver a message although the server gave a ticket for it, as behind a proxy that refuses upgrades, the other transport is next.
 */
export class FollowConnection {
  readonly #server: FollowServer;
  readonly #projectIds: readonly string[];
  readonly #cursors: ProjectCursors;
  readonly #receiver: FollowReceiver;
  readonly #closing = new AbortController();
  readonly #socket: ReconnectingWebSocket;
  #transport: FollowTransport;
  #state: "idle" | "opening" | "connected" = "idle";
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  #isSilent = false;

  constructor(
    server: FollowServer,
    { projectIds, cursors }: { readonly projectIds: readonly string[]; readonly cursors: ProjectCursors },
    receiver: FollowReceiver,
  ) {
    this.#server = server;
    this.#projectIds = projectIds;
    this.#cursors = cursors;
    this.#receiver = receiver;
    this.#transport = server.WebSocket === null ? "sse" : "websocket";
    this.#socket = new ReconnectingWebSocket(() => this.#nextUrl(), null, {
      WebSocket: constructorOf((url) => this.#open(url)),
      connectionTimeout: 15_000,
      // Clients of a server that restarts come back at different times.
      minReconnectionDelay: 500 + 1_000 * Math.random(),
      reconnectionDelayGrowFactor: 1.7,
      maxReconnectionDelay: 30_000,
    });
    this.#socket.onopen = () => this.#opened();
    this.#socket.onmessage = ({ data }) => this.#received(data);
    this.#socket.onclose = () => this.#lost();
  }

  /** Disconnects until {@link resume}. */
  pause(): void {
    this.#socket.close();
    this.#lost();
  }

  /** Connects again after {@link pause}. */
  resume(): void {
    this.#socket.reconnect();
  }

  /** Disconnects for good. */
  close(): void {
    this.#closing.abort();
    this.pause();
  }

  async #nextUrl(): Promise<string> {
    if (this.#state === "opening" && this.#server.WebSocket !== null)
      this.#transport = this.#transport === "websocket" ? "sse" : "websocket";
    this.#state = "idle";
    const ticket = await this.#requestTicket();
    this.#state = "opening";
    const { baseUrl } = this.#server;
    if (this.#transport === "websocket")
      return `${baseUrl.replace(/^http/, "ws")}/ws?${new URLSearchParams({ ticket })}`;
    const projects = this.#projectIds.map((id): [string, string] => ["project_id", id]);
    const query = new URLSearchParams([...projects, ["after", String(this.#cursors)], ["ticket", ticket]]);
    return `${baseUrl}/events?${query}`;
  }

  /** Returns a ticket. A rejection lets the socket try again after a pause. */
  async #requestTicket(): Promise<string> {
    const { signal } = this.#closing;
    try {
      return (await this.#server.createRealtimeTicket({ project_ids: [...this.#projectIds] }, { signal })).ticket;
    } catch (error) {
      if (error instanceof GitHubClientError) {
        if (isFinal(error)) this.#receiver.refused(error);
        else if (error.retryAfterMs !== null) await pause(Math.min(error.retryAfterMs, MAX_RETRY_AFTER), signal);
      }
      throw error;
    }
  }

  #open(url: string): WebSocketLike {
    const { WebSocket, openStream } = this.#server;
    if (this.#transport === "websocket" && WebSocket !== null) return new WebSocket(url);
    return new EventStreamSocket((signal) => openStream(url, signal));
  }

  #opened(): void {
    this.#isSilent = false;
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_INTERVAL);
    if (this.#transport === "sse") return;
    for (const project_id of this.#projectIds) {
      const after = this.#cursors.of(project_id);
      this.#send("subscribe_project", after === "" ? { project_id } : { project_id, after });
    }
  }

  /** Replaces a connection that delivered nothing since the last heartbeat: a lost network does not close it. */
  #beat(): void {
    if (this.#isSilent) this.#socket.reconnect();
    else if (this.#transport === "websocket") this.#send("heartbeat", {});
    this.#isSilent = true;
  }

  #send(action: string, data: object): void {
    this.#socket.send(JSON.stringify({ action, data }));
  }

  #received(text: unknown): void {
    this.#isSilent = false;
    const message = parseMessage(text);
    if (message === null) return;
    if (this.#state === "opening") {
      this.#state = "connected";
      this.#receiver.connected(this.#transport);
    }
    this.#receiver.received(message);
  }

  #lost(): void {
    clearInterval(this.#heartbeat);
    if (this.#state !== "connected") return;
    this.#state = "idle";
    this.#receiver.disconnected();
  }
}

/** Returns a constructor whose objects a function creates. */
function constructorOf(open: (url: string) => WebSocketLike): unknown {
  function Socket(url: string): WebSocketLike {
    return open(url);
  }
  return Socket;
}

/** True when the same request would fail again. */
function isFinal({ status }: GitHubClientError): boolean {
  if (status === null || status === 408 || status === 429) return false;
  return status < 500 || status === 501;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
