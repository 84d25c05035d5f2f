import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";

/** The URL of the Redis server for tests; `undefined` skips them. */
export const REDIS_URL = process.env.INFRAJET_TEST_REDIS_URL;

/** Connections to Redis and a prefix that only one test uses. */
export class TestRedis {
  readonly prefix = `test-${randomUUID()}`;
  readonly #url: string;
  readonly #connections: Redis[] = [];

  constructor(url = REDIS_URL ?? "") {
    this.#url = url;
  }

  /** Opens a connection, by default to the server itself. */
  connect(url = this.#url): Redis {
    const connection = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
    this.#connections.push(connection);
    return connection;
  }

  /** The names of all keys of the test. */
  async keys(): Promise<string[]> {
    const connection = new Redis(this.#url);
    const keys: string[] = [];
    for await (const page of connection.scanStream({ match: `${this.prefix}*`, count: 1_000 })) keys.push(...page);
    connection.disconnect();
    return keys;
  }

  /** Removes the keys of the test and closes its connections. */
  async dispose(): Promise<void> {
    for (const connection of this.#connections) connection.disconnect();
    const keys = await this.keys();
    const connection = new Redis(this.#url);
    if (keys.length > 0) await connection.del(...keys);
    connection.disconnect();
  }
}
