import { createHash } from "node:crypto";
import type { RedisCommands } from "./redis-commands.js";

const TIMEOUT_MS = 1_000;

/** A Lua script, which Redis runs as one atomic command. */
export class LuaScript {
  readonly #text: string;
  readonly #sha: string;

  constructor(text: string) {
    this.#text = text;
    this.#sha = createHash("sha1").update(text).digest("hex");
  }

  /** Runs the script and returns its result. @throws Error when Redis does not respond in time or rejects the script */
  run(commands: RedisCommands, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    const { connection } = commands;
    return commands.run(async () => {
      try {
        return await connection.evalsha(this.#sha, keys.length, ...keys, ...values);
      } catch (error) {
        // Redis forgets scripts when it restarts.
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return await connection.eval(this.#text, keys.length, ...keys, ...values);
      }
    }, TIMEOUT_MS);
  }
}
