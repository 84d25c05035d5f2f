import type { RealtimeMessage } from "../../src/realtime/realtime-message.js";
import type { ClosingReason, RealtimeSocket } from "../../src/realtime/realtime-socket.js";

/** A socket that acknowledges messages immediately, or one by one when the test says so. */
export class ManualSocket implements RealtimeSocket {
  readonly received: RealtimeMessage[] = [];
  closedWith: ClosingReason | null = null;
  terminated = false;
  paused = false;
  pings = 0;
  /** Called after each action of the server. */
  onChange: () => void = () => undefined;
  #stalled = false;
  readonly #underWay: (() => void)[] = [];

  send(message: RealtimeMessage, sent: () => void): void {
    this.received.push(message);
    if (this.#stalled) this.#underWay.push(sent);
    else queueMicrotask(sent);
    this.onChange();
  }

  /** Stops acknowledging messages. */
  stall(): void {
    this.#stalled = true;
  }

  /** Acknowledges the oldest message. */
  take(): void {
    this.#underWay.shift()?.();
  }

  /** Acknowledges every message again. */
  flow(): void {
    this.#stalled = false;
    for (const sent of this.#underWay.splice(0)) sent();
  }

  ping(): void {
    this.pings += 1;
    this.onChange();
  }

  pause(): void {
    this.paused = true;
    this.onChange();
  }

  resume(): void {
    this.paused = false;
    this.onChange();
  }

  close(reason: ClosingReason): void {
    this.closedWith = reason;
    this.onChange();
  }

  terminate(): void {
    this.terminated = true;
    this.onChange();
  }
}
