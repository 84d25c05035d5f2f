import { setTimeout as sleep } from "node:timers/promises";
import type { RedisCommands } from "./redis-commands.js";

const TIMEOUT_MS = 2_000;
const RETRY_MS = 10_000;

/**
 * Returns a warning when Redis may delete jobs to make room for other keys; `null` when it does not, or does not say. Waits until Redis
 * is reachable.
 *
 * @see https://redis.io/docs/latest/develop/reference/eviction/
 */
export async function evictionWarning(commands: RedisCommands, signal: AbortSignal): Promise<string | null> {
  while (!signal.aborted) {
    try {
      const memory = await commands.run(() => commands.connection.info("memory"), TIMEOUT_MS);
      const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? "noeviction";
      if (policy === "noeviction") return null;
      return `Redis deletes keys when its memory is full (maxmemory-policy ${policy}), and loses syncs that wait. Set maxmemory-policy to noeviction.`;
    } catch {
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
  return null;
}
