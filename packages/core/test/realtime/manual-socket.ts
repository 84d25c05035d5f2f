import type { RealtimeMessage } from "../../src/realtime/realtime-message.js";
import type { ClosingReason, RealtimeSocket } from "../../src/realtime/realtime-socket.js";

/** A client's end that takes messages at once, or one at a time when the test says so. */
export class ManualSocket implements RealtimeSocket {
  readonly received: RealtimeMessage[] = [];
  closedWith: ClosingReason | null = null;
  terminated = false;
  paused = false;
  pings = 0;
  /** Called whenever the server did something. */
  onChange: () => void = () => undefined;
  #stalled = false;
  readonly #underWay: (() => void)[] = [];

  send(message: RealtimeMessage, sent: () => void): void {
    this.received.push(message);
    if (this.#stalled) this.#underWay.push(sent);
    else queueMicrotask(sent);
    this.onChange();
  }

  /** Takes nothing more: the next message stays under way. */
  stall(): void {
    this.#stalled = true;
  }

  /** The message that is under way has arrived. */
  take(): void {
    this.#underWay.shift()?.();
  }

  /** Takes everything again. */
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
