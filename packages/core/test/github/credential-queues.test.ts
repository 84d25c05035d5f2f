import { describe, expect, it } from "vitest";
import { CredentialQueues } from "../../src/github/credential-queues.js";
import { ManualClock } from "./manual-clock.js";

describe("CredentialQueues.gate", () => {
  it("keeps the closed gate of a credential however many other credentials are used", () => {
    const clock = new ManualClock();
    const queues = new CredentialQueues({ clock, maxRateLimitWaitMs: 60_000, concurrency: 1 });
    const early = queues.gate("early");
    queues.gate("limited").close({ waitMs: 600_000 });
    for (let index = 0; index < 2000; index += 1) queues.gate(`other ${index}`);
    expect(queues.gate("limited").isOpen).toBe(false);
    expect(queues.gate("early")).not.toBe(early);
    clock.advance(600_000);
    expect(queues.gate("limited").isOpen).toBe(true);
  });
});
