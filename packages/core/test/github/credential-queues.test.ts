import { describe, expect, it } from "vitest";
import { CredentialQueues } from "../../src/github/credential-queues.js";
import { ManualClock } from "./manual-clock.js";

describe("CredentialQueues.queue", () => {
  it("runs the requests of a credential up to its limit, and tokens one by one, in their order", async () => {
    const queues = new CredentialQueues({ clock: new ManualClock(), concurrency: 2 });
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const add = (credential: string, route: string): Promise<void> =>
      queues.queue(credential, route).run(() => {
        started.push(`${credential} ${route}`);
        return new Promise((resolve) => ends.push(resolve));
      });
    const token = "POST /app/installations/{installation_id}/access_tokens";
    const all = [add("a", "1"), add("a", "2"), add("a", "3"), add("b", "1"), add("a", token), add("a", token)];
    expect(started).toEqual(["a 1", "a 2", "b 1", `a ${token}`]);
    ends.shift()?.();
    await all[0];
    expect(started.at(-1)).toBe("a 3");
    while (ends.length > 0) {
      ends.shift()?.();
      await Promise.resolve();
      await new Promise(setImmediate);
    }
    await Promise.all(all);
    expect(started).toHaveLength(6);
  });

  it("continues after a request that failed, and keeps a queue in use", async () => {
    const queues = new CredentialQueues({ clock: new ManualClock(), concurrency: 1 });
    const queue = queues.queue("a", "1");
    const failed = queue.run(async () => Promise.reject(new Error("failed")));
    const next = queue.run(async () => "next");
    for (let index = 0; index < 2_000; index += 1) queues.queue(`other ${index}`, "1");
    expect(queues.queue("a", "1")).toBe(queue);
    await expect(failed).rejects.toThrow("failed");
    expect(await next).toBe("next");
  });
});

describe("CredentialQueues.gate", () => {
  it("keeps the closed gate of a credential however many other credentials are used", () => {
    const clock = new ManualClock();
    const queues = new CredentialQueues({ clock, concurrency: 1 });
    const early = queues.gate("early");
    queues.gate("limited").close({ waitMs: 600_000 });
    for (let index = 0; index < 2000; index += 1) queues.gate(`other ${index}`);
    expect(queues.gate("limited").isOpen).toBe(false);
    expect(queues.gate("early")).not.toBe(early);
    clock.advance(600_000);
    expect(queues.gate("limited").isOpen).toBe(true);
  });
});
