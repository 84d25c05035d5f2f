import { describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../src/logger.js";
import { MemoryPubSub } from "../../src/memory/index.js";

describe("MemoryPubSub", () => {
  it("delivers a message to all subscribers before a message that one of them publishes in response", async () => {
    const pubSub = new MemoryPubSub();
    const seen: unknown[] = [];
    await pubSub.subscribe("a", (message) => {
      if (message === 1) void pubSub.publish("a", 2);
    });
    await pubSub.subscribe("a", (message) => seen.push(message));
    await pubSub.publish("a", 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([1, 2]);
  });

  it("logs the error of a subscriber", async () => {
    const error = vi.fn();
    const pubSub = new MemoryPubSub({ logger: { ...silentLogger, error } });
    const thrown = new Error("on purpose");
    await pubSub.subscribe("a", () => {
      throw thrown;
    });
    await pubSub.publish("a", 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(error).toHaveBeenCalledExactlyOnceWith("A subscriber threw an error.", { error: thrown });
  });

  it("does not deliver to a subscriber that unsubscribed between publishing and delivery", async () => {
    const pubSub = new MemoryPubSub();
    const seen: unknown[] = [];
    const end = await pubSub.subscribe("a", (message) => seen.push(message));
    const published = pubSub.publish("a", 1);
    await Promise.all([end(), published]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
  });
});
