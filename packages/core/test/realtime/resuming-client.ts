import { type ChangeCursor, cursorText } from "../../src/realtime/change-cursor.js";
import type { RealtimeSession } from "../../src/realtime/realtime-session.js";
import type { ManualSocket } from "./manual-socket.js";
import { type RealtimeFixture, settle } from "./realtime-fixture.js";

/** A client that keeps its last cursor and the ends that it was told, over any number of connections. */
export class ResumingClient {
  /** The ends by the number of their change, in the order of their receipt. */
  readonly ends: number[] = [];
  cursor: ChangeCursor | null = null;
  #connection: {
    readonly process: RealtimeFixture;
    readonly session: RealtimeSession;
    read: number;
    socket: ManualSocket;
  } | null = null;

  /** True while the client has a connection that the server did not close. */
  get isConnected(): boolean {
    return this.#connection !== null && this.#connection.socket.closedWith === null;
  }

  /** Connects to a process and continues from the last cursor. */
  connect(process: RealtimeFixture, userId = "ada"): void {
    const { session, socket } = process.connect(userId);
    const after = this.cursor === null ? {} : { after: cursorText(this.cursor) };
    this.#connection = { process, session, socket, read: 0 };
    session.receive({ action: "subscribe", projectId: "infra", ...after });
  }

  /** Reads at most `count` messages that arrived. */
  read(count = Number.POSITIVE_INFINITY): void {
    const connection = this.#connection;
    if (connection === null) return;
    const messages = connection.socket.received.slice(connection.read, connection.read + count);
    connection.read += messages.length;
    for (const message of messages) {
      if (!("cursor" in message)) continue;
      this.cursor = message.cursor;
      if (message.type === "ended") this.ends.push(message.cursor.seq);
    }
  }

  /** Disconnects. Messages that were not read are lost. */
  disconnect(): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) connection.process.engine.closed(connection.session);
  }
}

/** Lets everything that was started run to its end. */
export async function settleAll(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await settle();
}
