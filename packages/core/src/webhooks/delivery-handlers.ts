import type { BuiltInHandler, BuiltInHandlers } from "./built-in-handlers.js";
import { errorText } from "./error-text.js";
import type { WebhookHandlers } from "./webhook-handlers.js";
import type { DeliveryHeaders, WebhookPayload } from "./webhook-request.js";

/** Runs the handlers of one delivery. */
export type Run = (signal: AbortSignal) => Promise<void>;

/** All handlers of deliveries: those of the SDK, which run first, and those of the host. */
export class DeliveryHandlers {
  readonly #builtIn: BuiltInHandlers;
  readonly #host: WebhookHandlers;

  constructor(builtIn: BuiltInHandlers, host: WebhookHandlers) {
    this.#builtIn = builtIn;
    this.#host = host;
  }

  /** Returns `true` when a delivery of the event and action has a handler. */
  has(event: string, action: string | null): boolean {
    return this.#own(event, action).length + this.#host.for(event, action).length > 0;
  }

  /** Returns a function that runs all handlers of a delivery; `null` when there are none. */
  of({ id, event }: DeliveryHeaders, payload: WebhookPayload): Run | null {
    const action = payload.action ?? null;
    const own = this.#own(event, action);
    const handlers = this.#host.for(event, action);
    if (own.length + handlers.length === 0) return null;
    return async (signal) => {
      for (const handle of own) await handle(payload, signal);
      // The payload is verified and has the shape of its event, so it is passed with the type of GitHub's payload.
      const delivered = { id, name: event, payload } as never;
      const outcomes = await Promise.allSettled(handlers.map(async (handle) => handle(delivered, { signal })));
      const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, errors.map(errorText).join("; "));
    };
  }

  /** Returns `true` for pings without a handler of the host: GitHub sends equal ones, and handling them has no effect. */
  mayRepeat(event: string): boolean {
    return event === "ping" && this.#host.for(event, null).length === 0;
  }

  #own(event: string, action: string | null): BuiltInHandler[] {
    return [this.#builtIn.get(event), this.#builtIn.get(`${event}.${action}`)].filter((own) => own !== undefined);
  }
}
