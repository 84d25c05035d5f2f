import { GitHubSdkError } from "@infrajet/github/errors";
import type { Redis } from "ioredis";

/** A logger for outages. The SDK's logger and `console` fit. */
export interface OutageLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The options that all adapters on Redis have. */
export interface RedisOptions {
  /**
   * The host's connection, created with `maxRetriesPerRequest: null`. All adapters can share one. The host closes it after the SDK.
   */
  readonly connection: Redis;
  /** The beginning of every key and channel. Hosts with different prefixes on one Redis see nothing of each other. */
  readonly prefix: string;
  /** Receives one warning for each outage of Redis. Defaults to `console`. */
  readonly logger?: OutageLogger;
}

const PING_TIMEOUT_MS = 3_000;
const PREFIX = /^[\w.:-]{1,100}$/;

/** The connections whose errors are logged: several adapters share one. */
const watched = new WeakSet<Redis>();

/** The commands of one connection, with a time limit: ioredis waits for an unreachable Redis without one. */
export class RedisCommands {
  readonly connection: Redis;
  readonly prefix: string;
  readonly logger: OutageLogger;
  /** The next time that Redis is reachable, for all commands that wait for it. */
  #ready: Promise<void> | null = null;

  /** @throws GitHubSdkError `invalid_options` when the connection or the prefix cannot be used */
  constructor({ connection, prefix, logger = console }: RedisOptions) {
    if (typeof prefix !== "string" || !PREFIX.test(prefix))
      throw invalid("`prefix` must have 1 to 100 letters, digits, or characters of `_.:-`.");
    if (connection?.options?.maxRetriesPerRequest !== null)
      throw invalid("`connection` must be an ioredis connection with the option `maxRetriesPerRequest: null`.");
    if (connection.options.keyPrefix) throw invalid("`connection` must not have a `keyPrefix`. Set `prefix` instead.");
    this.connection = connection;
    this.prefix = prefix;
    this.logger = logger;
    if (watched.has(connection)) return;
    watched.add(connection);
    logOutages(connection, logger);
  }

  /** True when commands reach Redis. */
  get isReady(): boolean {
    return this.connection.status === "ready";
  }

  /**
   * Runs commands within a time limit. While Redis is unreachable, it waits for the connection and sends nothing, so that no
   * commands pile up.
   *
   * @throws Error when Redis does not respond in time
   */
  async run<Result>(send: () => Promise<Result>, timeoutMs: number): Promise<Result> {
    // Without a turn in between, so that messages keep their order.
    if (this.isReady) return within(timeoutMs, send());
    const since = Date.now();
    await within(timeoutMs, this.whenReady());
    return within(Math.max(1, timeoutMs - (Date.now() - since)), send());
  }

  /** Resolves to true when Redis does not respond. Ends a connection that is open but dead, so that ioredis opens another one. */
  async isAway(): Promise<boolean> {
    if (!this.isReady) return true;
    try {
      await within(PING_TIMEOUT_MS, this.connection.ping());
      return false;
    } catch {
      if (this.isReady) this.connection.disconnect(true);
      return true;
    }
  }

  /** Resolves when Redis is reachable. @throws Error when the connection was closed */
  whenReady(): Promise<void> {
    this.#ready ??= ready(this.connection).finally(() => {
      this.#ready = null;
    });
    return this.#ready;
  }

  /** Returns another connection with the options of this one, for commands that block or subscribe. */
  duplicate(): Redis {
    const connection = this.connection.duplicate();
    // The first connection reports the outage.
    connection.on("error", () => {});
    return connection;
  }
}

/** Resolves to the promise's value. @throws Error when it takes longer than `timeoutMs` */
export async function within<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not respond within ${timeoutMs} ms.`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function ready(connection: Redis): Promise<void> {
  if (connection.status === "ready") return Promise.resolve();
  if (connection.status === "end") return Promise.reject(new Error("The connection to Redis is closed."));
  if (connection.status === "wait") connection.connect().catch(() => {});
  return new Promise((resolve, reject) => {
    const isReady = (): void => {
      connection.off("end", isEnded);
      resolve();
    };
    const isEnded = (): void => {
      connection.off("ready", isReady);
      reject(new Error("The connection to Redis is closed."));
    };
    connection.once("ready", isReady);
    connection.once("end", isEnded);
  });
}

function logOutages(connection: Redis, logger: OutageLogger): void {
  let isAway = false;
  connection.on("error", (error) => {
    if (!isAway) logger.warn("Redis is unreachable. The connection is retried in the background.", { error });
    isAway = true;
  });
  connection.on("ready", () => {
    if (isAway) logger.info("Redis is reachable again.");
    isAway = false;
  });
}

function invalid(message: string): GitHubSdkError {
  return new GitHubSdkError("invalid_options", message);
}
