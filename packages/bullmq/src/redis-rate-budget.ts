import { randomUUID } from "node:crypto";
import {
  GITHUB_LIMITS,
  type RateBudget,
  type RateObservation,
  type RatePlace,
  type RateResource,
  type RequestCost,
} from "@infrajet/github/adapters";
import * as z from "zod";
import { RELEASE, TAKE } from "./rate-budget-scripts.js";
import { RedisCommands, type RedisOptions } from "./redis-commands.js";

/** The options of {@link redisRateBudget}. */
export type RedisRateBudgetOptions = RedisOptions;

const takenSchema = z.tuple([z.number(), z.union([z.literal(0), z.literal(1)])]);
const RESOURCES: readonly RateResource[] = ["core", "graphql", "git"];

/**
 * Keeps the requests of all processes within GitHub's rate limits. It counts with the clock of Redis.
 *
 * @throws GitHubSdkError `invalid_options`
 */
export function redisRateBudget(options: RedisRateBudgetOptions): RateBudget {
  return new RedisRateBudget(new RedisCommands(options));
}

class RedisRateBudget implements RateBudget {
  readonly #commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.#commands = commands;
  }

  async take(key: string, cost: RequestCost, atMostMs: number): Promise<RatePlace> {
    const { creates, points, resource, isInteractive } = cost;
    const limits = GITHUB_LIMITS;
    const ticket = `${resource}:${randomUUID()}`;
    const result = await TAKE.run(this.#commands, this.#keysOf(key, resource), [
      ...[ticket, creates ? 1 : 0, points, isInteractive ? 1 : 0, Math.floor(atMostMs)],
      ...[limits.createsPerMinute, limits.createsPerHour, limits.pointsPerMinute[resource]],
      ...[limits.concurrency, limits.interactiveShare, limits.placeExpiresMs, limits.connectionRetryMs],
    ]);
    const [waitMs, isTaken] = takenSchema.parse(result);
    return { waitMs, ticket: isTaken === 1 ? ticket : null };
  }

  async release(key: string, ticket: string, seen: RateObservation): Promise<void> {
    const resource = RESOURCES.find((name) => ticket.startsWith(`${name}:`));
    if (resource === undefined) return;
    const { limit, remaining, resetAt, closedForMs } = seen;
    const values = [limit, remaining, resetAt, closedForMs === null ? null : Math.ceil(closedForMs)];
    const texts = values.map((value) => (value === null ? "" : `${value}`));
    await RELEASE.run(this.#commands, this.#keysOf(key, resource), [ticket, resource, ...texts]);
  }

  /** All keys of a credential have one hash tag, because a script runs on one node of a cluster. */
  #keysOf(key: string, resource: RateResource): readonly string[] {
    const base = `${this.#commands.prefix}:budget:{${encodeURIComponent(key)}}`;
    return [
      `${base}:creates`,
      `${base}:points:${resource}`,
      `${base}:hourly:${resource}`,
      `${base}:open`,
      `${base}:closed`,
    ];
  }
}
