import type { PubSub } from "@infrajet/github/adapters";
import type { Redis } from "ioredis";
import { RedisCommands, type RedisOptions, within } from "./redis-commands.js";

/** The options of {@link redisPubSub}. */
export type RedisPubSubOptions = RedisOptions;

type OnMessage = (message: unknown) => void;

const TIMEOUT_MS = 2_000;

/**
 * Sends events between processes through Redis Pub/Sub. Opens one more connection for its subscriptions, which it closes with the last of
 * them. Messages that are published while Redis is unreachable are lost.
 *
 * @throws GitHubSdkError `invalid_options`
 */
export function redisPubSub(options: RedisPubSubOptions): PubSub {
  return new RedisPubSub(new RedisCommands(options));
}

class RedisPubSub implements PubSub {
  readonly #commands: RedisCommands;
  readonly #channels = new Map<string, Set<{ readonly onMessage: OnMessage }>>();
  #subscriber: Redis | null = null;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async publish(channel: string, message: unknown): Promise<void> {
    const text = JSON.stringify(message);
    await this.#commands.run(() => this.#commands.connection.publish(this.#nameOf(channel), text), TIMEOUT_MS);
  }

  async subscribe(channel: string, onMessage: OnMessage): Promise<() => Promise<void>> {
    const name = this.#nameOf(channel);
    const subscription = { onMessage };
    const known = this.#channels.get(name);
    this.#channels.set(name, (known ?? new Set()).add(subscription));
    this.#subscriber ??= this.#connect();
    // ioredis subscribes as soon as Redis is reachable, and again after each outage.
    const subscribed = this.#subscriber.subscribe(name).then(() => undefined);
    await within(TIMEOUT_MS, subscribed).catch(() => undefined);
    return () => this.#unsubscribe(name, subscription);
  }

  async #unsubscribe(name: string, subscription: { readonly onMessage: OnMessage }): Promise<void> {
    const subscriptions = this.#channels.get(name);
    if (subscriptions === undefined || !subscriptions.delete(subscription) || subscriptions.size > 0) return;
    this.#channels.delete(name);
    const subscriber = this.#subscriber;
    if (subscriber === null) return;
    if (this.#channels.size > 0) {
      await within(TIMEOUT_MS, subscriber.unsubscribe(name)).catch(() => undefined);
      return;
    }
    this.#subscriber = null;
    // After its pending commands: ioredis subscribes again by itself after an outage, and nothing handles the error of that command.
    if (subscriber.status === "ready") await within(TIMEOUT_MS, subscriber.quit()).catch(() => subscriber.disconnect());
    else subscriber.disconnect();
  }

  #connect(): Redis {
    const subscriber = this.#commands.duplicate();
    subscriber.on("message", (name, text) => {
      for (const { onMessage } of [...(this.#channels.get(name) ?? [])]) this.#deliver(onMessage, text);
    });
    return subscriber;
  }

  /** Parses the message for each subscriber, since each may change its own copy. */
  #deliver(onMessage: OnMessage, text: string): void {
    try {
      onMessage(JSON.parse(text));
    } catch (error) {
      this.#commands.logger.warn("A subscriber threw an error, or a message is not JSON.", { error });
    }
  }

  #nameOf(channel: string): string {
    return `${this.#commands.prefix}:events:${channel}`;
  }
}
