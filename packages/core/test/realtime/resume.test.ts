import { createManualClock } from "@infrajet/github-testing/conformance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SyncRecord } from "../../src/domain/sync-record.js";
import { MemoryPubSub } from "../../src/memory/memory-pub-sub.js";
import { MemorySyncRecordStore } from "../../src/memory/memory-sync-record-store.js";
import { cursorText } from "../../src/realtime/change-cursor.js";
import { RealtimeFixture, settle, told, type Visitor } from "./realtime-fixture.js";
import { ResumingClient, settleAll } from "./resuming-client.js";

const HALF_MINUTE = 30_000;

let fixture: RealtimeFixture;
const others: RealtimeFixture[] = [];
beforeEach(() => {
  fixture = new RealtimeFixture();
});
afterEach(() => Promise.all([fixture, ...others.splice(0)].map((each) => each.close())));

function cursorsOf({ socket }: Visitor): readonly string[] {
  return socket.received.map((message) => ("cursor" in message ? cursorText(message.cursor) : ""));
}

async function feedId(): Promise<string> {
  return (await fixture.records.changedSince({ userId: "ada", projectId: "infra" }, 0, 0)).feedId ?? "";
}

describe("RealtimeEngine: a subscription with a cursor", () => {
  it("receives the ends after it, the progress of running syncs and then live messages", async () => {
    const ended = [await fixture.record("ada", "completed"), await fixture.record("ada", "failed")];
    const feed = await feedId();
    const running = await fixture.record("ada");
    const ada = fixture.connect("ada");
    ada.session.receive({ action: "subscribe", projectId: "infra", after: `${feed}.3` });
    await settleAll();
    expect(told(ada)).toEqual(["subscribed infra", `${ended[1]?.id}: failed`, `${running.id}: 0`]);
    expect(cursorsOf(ada)).toEqual([`${feed}.3`, `${feed}.6`, `${feed}.8`]);
    await fixture.end(running, "completed");
    expect(told(ada).at(-1)).toBe(`${running.id}: completed`);
    expect(cursorsOf(ada).at(-1)).toBe(`${feed}.9`);
  });

  it("receives all ends when the project had no changes before", async () => {
    const ada = await fixture.follow("ada");
    expect(cursorsOf({ ...ada })).toEqual([]);
    await fixture.record("ada", "completed");
    const again = await fixture.follow("ada", "infra", "0.0");
    expect(told(again)).toEqual(["1: completed"]);
  });

  it("receives resync_required and the state for a cursor that is not known here", async () => {
    await fixture.record("ada", "failed");
    const last = await fixture.record("ada", "completed");
    const running = await fixture.record("ada");
    const feed = await feedId();
    for (const after of ["another.3", `${feed}.9`, "not a cursor", "x".repeat(10_000), `${feed}.-1`]) {
      const ada = await fixture.follow("ada", "infra", after);
      expect(told(ada), after).toEqual(["resync infra", `${running.id}: 0`, `${last.id}: completed`]);
      expect(cursorsOf(ada), after).toEqual([`${feed}.8`, `${feed}.8`, `${feed}.8`]);
    }
  });

  it("receives resync_required when it is more than 1,000 changes behind", async () => {
    for (let count = 0; count < 334; count += 1) await fixture.record("ada", "completed");
    const feed = await feedId();
    expect(told(await fixture.follow("ada", "infra", `${feed}.1`))).toEqual(["resync infra", "334: completed"]);
    const ada = await fixture.follow("ada", "infra", `${feed}.2`);
    await settleAll();
    expect(told(ada)).toHaveLength(334);
  });

  it("receives each end once per connection, whatever it subscribes to again", async () => {
    const record = await fixture.record("ada", "failed");
    const feed = await feedId();
    const ada = await fixture.follow("ada", "infra", `${feed}.2`);
    await fixture.record("ada", "completed");
    await fixture.clock.advance(HALF_MINUTE);
    await settleAll();
    for (const action of ["subscribe", "unsubscribe", "subscribe"] as const) {
      ada.session.receive(
        action === "subscribe" ? { action, projectId: "infra", after: `${feed}.0` } : { action, projectId: "infra" },
      );
      await settleAll();
    }
    const ends = told(ada).filter((message) => /^\d+: [a-z]/.test(message));
    expect(ends).toEqual([`${record.id}: failed`, `${record.id + 1}: completed`]);
  });

  it("receives an end that is stored while it catches up once", async () => {
    const record = await fixture.record("ada");
    const feed = await feedId();
    const ada = fixture.connect("ada");
    let read = (): void => undefined;
    fixture.reading = new Promise((resolve) => {
      read = resolve;
    });
    ada.session.receive({ action: "subscribe", projectId: "infra", after: `${feed}.1` });
    await settle();
    await fixture.end(record, "completed");
    read();
    await settleAll();
    expect(told(ada)).toEqual(["subscribed infra", "1: completed"]);
  });

  it("is closed when the changes cannot be read after its confirmation", async () => {
    await fixture.record("ada", "completed");
    const feed = await feedId();
    const ada = fixture.connect("ada");
    const { records } = fixture;
    let calls = 0;
    fixture.records = Object.assign(Object.create(records), {
      changedSince: async (...query: Parameters<MemorySyncRecordStore["changedSince"]>) => {
        calls += 1;
        if (calls > 2) throw new Error("no database");
        return records.changedSince(...query);
      },
    });
    ada.session.receive({ action: "subscribe", projectId: "infra", after: `${feed}.1` });
    await settleAll();
    expect(told(ada)).toEqual(["subscribed infra", "internal_error"]);
    expect(ada.socket.closedWith).toMatchObject({ code: 1011 });
  });
});

describe("RealtimeEngine: a subscription without a cursor", () => {
  it("receives the messages of earlier versions, with a cursor each", async () => {
    await fixture.record("ada", "failed");
    const running = await fixture.record("ada");
    const feed = await feedId();
    const ada = fixture.connect("ada");
    ada.session.receive({ action: "subscribe", projectId: "infra" });
    await settleAll();
    fixture.progress(running, 40);
    await fixture.end(running, "completed");
    await fixture.record("ada", "pending");
    await settleAll();
    expect(told(ada)).toEqual(["subscribed infra", "2: 0", "2: 40", "2: completed"]);
    expect(cursorsOf(ada)).toEqual([`${feed}.5`, `${feed}.5`, `${feed}.5`, `${feed}.6`]);
  });
});

describe("RealtimeEngine: lost and disordered events", () => {
  it("delay an end by at most 30 seconds, with one read per project for all connections", async () => {
    const records = [await fixture.record("ada"), await fixture.record("ada")];
    const clients = await Promise.all(Array.from({ length: 20 }, () => fixture.follow("ada")));
    for (const { id } of records) await fixture.step(id, "completed");
    for (const { session } of clients) session.markAlive();
    const before = fixture.reads;
    await fixture.clock.advance(HALF_MINUTE);
    await settleAll();
    for (const client of clients) expect(told(client).slice(2)).toEqual(["1: completed", "2: completed"]);
    expect(fixture.reads - before).toBe(1);
  });

  it("delay the start and the progress of a sync of another process by at most 30 seconds", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    const stored = { phase: "reading", percentage: 20, currentFile: "a", filesCompleted: 1, totalFiles: 3 } as const;
    await fixture.records.update(record.id, 0, { progress: { ...stored, estimatedCompletion: null } });
    for (const percentage of [20, 60]) {
      const progress = { ...stored, percentage, estimatedCompletion: null };
      await fixture.records.update(record.id, 0, { progress });
      ada.session.markAlive();
      await fixture.clock.advance(HALF_MINUTE);
      await settleAll();
    }
    expect(told(ada)).toEqual(["1: 20", "1: 60"]);
  });

  it("are sent in the order of the changes when their events arrive in another order", async () => {
    const ada = await fixture.follow("ada");
    const records = [await fixture.record("ada"), await fixture.record("ada"), await fixture.record("ada")];
    for (const { id } of records) await fixture.step(id, "completed");
    for (const { id } of records.toReversed()) {
      const { userId, projectId, repository } = records[0] as SyncRecord;
      fixture.bus.emit("sync.completed", { syncId: id, userId, projectId, repository, branch: "main" });
    }
    await settleAll();
    expect(told(ada)).toEqual(["1: completed", "2: completed", "3: completed"]);
  });

  it("send resync_required when the store was emptied or restored while clients were connected", async () => {
    await fixture.record("ada", "completed");
    const ada = await fixture.follow("ada");
    fixture.records = new MemorySyncRecordStore();
    await fixture.record("ada", "failed");
    ada.session.markAlive();
    await fixture.clock.advance(HALF_MINUTE);
    await settleAll();
    expect(told(ada)).toEqual(["resync infra", "1: failed"]);
    await fixture.record("ada", "completed");
    ada.session.markAlive();
    await fixture.clock.advance(HALF_MINUTE);
    await settleAll();
    expect(told(ada).slice(2)).toEqual(["2: completed"]);
  });
});

describe("RealtimeEngine: two processes with one store", () => {
  function processes(pubSub?: MemoryPubSub): readonly [RealtimeFixture, RealtimeFixture] {
    const shared = { clock: createManualClock(), records: new MemorySyncRecordStore(), ...(pubSub ? { pubSub } : {}) };
    const pair = [new RealtimeFixture(shared), new RealtimeFixture(shared)] as const;
    others.push(...pair);
    return pair;
  }

  /** Returns the numbers of the changes that ended a sync. */
  async function endsIn({ records }: RealtimeFixture): Promise<readonly number[]> {
    const { records: changed } = await records.changedSince({ userId: "ada", projectId: "infra" }, 0, 10_000);
    return changed.filter(({ status }) => status === "completed").map(({ changeSeq }) => changeSeq);
  }

  it("tell 200 clients each of 50 ends once while the process that serves them is closed", async () => {
    const [serving, next] = processes(new MemoryPubSub());
    const records: SyncRecord[] = [];
    for (let count = 0; count < 50; count += 1) records.push(await next.record("ada"));
    const clients = Array.from({ length: 200 }, () => new ResumingClient());
    for (const client of clients) client.connect(serving);
    await settleAll();
    for (const client of clients) client.read(1);
    for (const [index, record] of records.entries()) {
      await next.end(record, "completed");
      if (index === 20) for (const [number, client] of clients.entries()) client.read(number % 25);
      // As by a killed process: what was sent and not read is lost.
      if (index === 25) for (const client of clients) client.disconnect();
      if (index === 35) for (const client of clients) client.connect(next);
    }
    await settleAll();
    const expected = await endsIn(next);
    expect(expected).toHaveLength(50);
    for (const client of clients) {
      client.read();
      expect(client.ends).toEqual(expected);
    }
  });

  it.each([
    ["events that arrive", 1],
    ["lost events", 0],
  ])("tell each end once over 1,000 random disconnects with %s", async (_how, shared) => {
    const pair = processes(shared === 1 ? new MemoryPubSub() : undefined);
    const random = seeded(20_261_201);
    const clients = Array.from({ length: 5 }, () => new ResumingClient());
    for (const client of clients) {
      client.connect(pair[0]);
      await settleAll();
      client.read();
    }
    const running: SyncRecord[] = [];
    for (let disconnects = 0; disconnects < 1_000; ) {
      const process = pair[random(2)] ?? pair[0];
      const client = clients[random(clients.length)];
      const record = running[0];
      const step = random(10);
      if (step < 2) running.push(await process.record("ada"));
      else if (step < 4 && record !== undefined) {
        running.shift();
        await process.end(record, "completed");
      } else if (step < 6) client?.read(random(40));
      else if (step < 9 && client !== undefined) {
        client.disconnect();
        disconnects += 1;
        client.connect(process);
      } else await settle();
    }
    await settleAll();
    await pair[0].clock.advance(HALF_MINUTE);
    await settleAll();
    const expected = await endsIn(pair[0]);
    expect(expected.length).toBeGreaterThan(50);
    for (const client of clients) {
      client.read();
      expect(client.ends).toEqual(expected);
    }
  });
});

describe("RealtimeEngine: a connection with limited time", () => {
  it("is closed when its time is over", async () => {
    const ada = fixture.connect("ada", { expiresAt: fixture.clock.now() + 10_000 });
    await fixture.clock.advance(9_999);
    await settle();
    expect(ada.socket.closedWith).toBeNull();
    await fixture.clock.advance(1);
    await settle();
    expect(told(ada)).toEqual(["unauthenticated"]);
    expect(ada.socket.closedWith).toMatchObject({ code: 4401 });
  });
});

/** Returns a generator of pseudo-random integers below a limit. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
