import type { RealtimeMessage } from "./realtime-message.js";

/** Why a connection is closed, for the client's program and for who reads its log. */
export interface ClosingReason {
  /** RFC 6455, section 7.4; 4000 and above are this protocol's own. */
  readonly code: number;
  /** At most 123 bytes. */
  readonly reason: string;
}

/** The server or the SDK stops: connect again, to another process maybe. */
export const GOING_AWAY: ClosingReason = { code: 1001, reason: "The server is going away." };

/** More was sent at once than a message may hold. */
export const MESSAGE_TOO_BIG: ClosingReason = { code: 1009, reason: "The message is too big." };

/** The user has too many connections. */
export const TOO_MANY_SOCKETS: ClosingReason = { code: 1008, reason: "Too many sockets of this user." };

/** The client does not take what it asked for. */
export const TOO_SLOW: ClosingReason = { code: 1013, reason: "The client reads too slowly." };

/** The token that the connection was opened with is no longer valid: connect again with a fresh one. */
export const TOKEN_EXPIRED: ClosingReason = { code: 4401, reason: "The token is no longer valid." };

/** A connection to one client, whatever carries it. */
export interface RealtimeSocket {
  /** Sends one message. `sent` is called later, never from within, once the message has left this process. */
  send(message: RealtimeMessage, sent: () => void): void;
  /** Asks the client for a sign of life; the answer is told by {@link RealtimeSession.alive}. */
  ping(): void;
  /** Stops reading: what the client sends waits at the client. */
  pause(): void;
  resume(): void;
  /** Closes in order. */
  close(reason: ClosingReason): void;
  /** Cuts the connection off. */
  terminate(): void;
}
