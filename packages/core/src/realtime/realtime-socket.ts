import type { RealtimeMessage } from "./realtime-message.js";

/** The code and reason of a closed connection. */
export interface ClosingReason {
  /** A code of RFC 6455, section 7.4; codes from 4000 are specific to this protocol. */
  readonly code: number;
  /** At most 123 bytes. */
  readonly reason: string;
}

/** The server or the SDK is closing. Reconnect. */
export const GOING_AWAY: ClosingReason = { code: 1001, reason: "The server is going away." };

/** A message exceeded the limit. */
export const MESSAGE_TOO_BIG: ClosingReason = { code: 1009, reason: "The message is too big." };

/** The store failed while a client caught up. Reconnect with the cursor. */
export const STORE_UNAVAILABLE: ClosingReason = { code: 1011, reason: "The store is unavailable." };

/** The user has too many connections. */
export const TOO_MANY_SOCKETS: ClosingReason = { code: 1008, reason: "Too many sockets of this user." };

/** The client does not read its messages. */
export const TOO_SLOW: ClosingReason = { code: 1013, reason: "The client reads too slowly." };

/** The connection's token is no longer valid. Reconnect with a new one. */
export const TOKEN_EXPIRED: ClosingReason = { code: 4401, reason: "The token is no longer valid." };

/** A connection to one client, independent of the transport. */
export interface RealtimeSocket {
  /** Sends a message. Calls `sent` asynchronously when the message has left this process. */
  send(message: RealtimeMessage, sent: () => void): void;
  /** Pings the client. Its pong is passed to {@link RealtimeSession.markAlive}. */
  ping(): void;
  /** Stops reading from the client. */
  pause(): void;
  /** Continues reading from the client. */
  resume(): void;
  /** Closes the connection with a closing handshake. */
  close(reason: ClosingReason): void;
  /** Terminates the connection without a closing handshake. */
  terminate(): void;
}
