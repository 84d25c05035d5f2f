import { MemoryPubSub } from "@infrajet/github/memory";
import { describe, expect, it } from "vitest";
import { EventBus } from "../src/events.js";
import { silentLogger } from "../src/logger.js";

const REMOVED = { installationId: 7, accountId: 70, account: "ann" };

describe("EventBus", () => {
  it("delivers another process's events, and ignores messages with names that are not event names", async () => {
    const errors: unknown[] = [];
    const log = (message: string): void => void errors.push(message);
    const logger = { ...silentLogger, warn: log, error: log };
    const pubSub = new MemoryPubSub({ logger });
    const bus = new EventBus(pubSub, logger);
    const received: unknown[] = [];
    bus.on("installation.removed", (payload) => received.push(payload));
    for (const name of ["toString", "constructor", "__proto__", "hasOwnProperty", "valueOf", "installation"]) {
      await pubSub.publish("infrajet.github.events", { origin: "another process", name, payload: REMOVED });
    }
    const payload = REMOVED;
    await pubSub.publish("infrajet.github.events", {
      origin: "another process",
      name: "installation.removed",
      payload,
    });
    await expect.poll(() => received).toEqual([REMOVED]);
    expect(errors).toEqual([]);
    await bus.close();
  });
});
