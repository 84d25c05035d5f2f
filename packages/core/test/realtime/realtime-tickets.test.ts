import { createManualClock } from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import { MemoryStateStore } from "../../src/memory/memory-state-store.js";
import { RealtimeTickets } from "../../src/realtime/realtime-tickets.js";

const MINUTE = 60_000;

describe("RealtimeTickets", () => {
  const clock = createManualClock();
  const states = new MemoryStateStore(clock);
  // Of two processes with one store.
  const tickets = [new RealtimeTickets(states, clock), new RealtimeTickets(states, clock)] as const;
  const redeemed = (ticket: string, by = 0) =>
    tickets[by === 0 ? 0 : 1].redeem(ticket).catch(({ code }: { code: string }) => code);

  it("are redeemed by exactly one of 50 concurrent callers in two processes", async () => {
    const { ticket } = await tickets[0].issue({ id: 7 }, ["infra"]);
    const results = await Promise.all(Array.from({ length: 50 }, (_, caller) => redeemed(ticket, caller % 2)));
    const grants = results.filter((result) => typeof result !== "string");
    expect(grants).toEqual([{ user: { id: 7 }, projectIds: ["infra"], expiresAt: clock.now() + 60 * MINUTE }]);
    expect(new Set(results.filter((result) => typeof result === "string"))).toEqual(new Set(["unauthenticated"]));
  });

  it("expire after 30 seconds, and are not valid when changed or unknown", async () => {
    const { ticket, expiresAt } = await tickets[0].issue({ id: "ada" }, null);
    expect(expiresAt.getTime() - clock.now()).toBe(30_000);
    for (const wrong of ["", ticket.slice(1), `${ticket}x`, "x".repeat(43), `${ticket.slice(0, -2)}é`])
      expect(await redeemed(wrong)).toBe("unauthenticated");
    await clock.advance(30_000);
    expect(await redeemed(ticket)).toBe("unauthenticated");
  });

  it("open connections that end with the user's token, at most after one hour", async () => {
    for (const [lifetime, expected] of [
      [10 * MINUTE, 10 * MINUTE],
      [3 * 60 * MINUTE, 60 * MINUTE],
    ] as const) {
      const { ticket } = await tickets[0].issue({ id: 7, expiresAt: clock.now() + lifetime }, null);
      expect(await redeemed(ticket)).toMatchObject({ expiresAt: clock.now() + expected });
    }
    const { ticket } = await tickets[0].issue({ id: 7, expiresAt: clock.now() + 1_000 }, null);
    await clock.advance(1_000);
    expect(await redeemed(ticket)).toBe("unauthenticated");
  });

  it("are stored as hashes, apart from authorizations, and removed after they expired", async () => {
    const { ticket } = await tickets[0].issue({ id: 7 }, null);
    expect(await states.consume("7", ticket)).toBeNull();
    expect(await states.consumeByBrowser(ticket, "realtime-ticket")).toBeNull();
    await clock.advance(30_000);
    await tickets[1].issue({ id: 8 }, null);
    expect(await states.removeExpired(10)).toBe(0);
  });
});
