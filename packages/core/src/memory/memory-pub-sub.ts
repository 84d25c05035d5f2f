import type { PubSub } from "../adapters/pub-sub.js";
import { type Logger, silentLogger } from "../logger.js";

interface Subscription {
  readonly onMessage: (message: unknown) => void;
  active: boolean;
}

/** A pub-sub within one process, for hosts with one process. */
export class MemoryPubSub implements PubSub {
  readonly #channels = new Map<string, Set<Subscription>>();
  readonly #logger: Logger;

  /** @param options `logger` receives the errors of subscribers, which do not affect the publisher or other subscribers */
  constructor(options: { readonly logger?: Logger } = {}) {
    this.#logger = options.logger ?? silentLogger;
  }

  async publish(channel: string, message: unknown): Promise<void> {
    const text = JSON.stringify(message);
    const subscriptions = [...(this.#channels.get(channel) ?? [])];
    // In a later turn: otherwise the message of a subscriber that publishes would reach others before this one.
    queueMicrotask(() => {
      for (const subscription of subscriptions) this.#deliver(subscription, text);
    });
  }

  async subscribe(channel: string, onMessage: (message: unknown) => void): Promise<() => Promise<void>> {
    const subscription: Subscription = { onMessage, active: true };
    const subscriptions = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, subscriptions.add(subscription));
    return async () => {
      subscription.active = false;
      subscriptions.delete(subscription);
      if (subscriptions.size === 0 && this.#channels.get(channel) === subscriptions) this.#channels.delete(channel);
    };
  }

  #deliver(subscription: Subscription, text: string): void {
    if (!subscription.active) return;
    try {
      subscription.onMessage(JSON.parse(text));
    } catch (error) {
      this.#logger.error("A subscriber threw an error.", { error });
    }
  }
}
