import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitHubSdkError } from "../../src/errors.js";
import { RealtimeFixture, settle, told } from "./realtime-fixture.js";

const MINUTE = 60_000;

let fixture: RealtimeFixture;
beforeEach(() => {
  fixture = new RealtimeFixture();
});
afterEach(() => fixture.close());

describe("RealtimeEngine: a subscription", () => {
  it("receives the progress and the end of each sync", async () => {
    const record = await fixture.record("ada", "pending");
    const ada = await fixture.follow("ada");
    expect(ada.socket.received).toMatchObject([{ progress: { phase: "waiting", percentage: 0 } }]);
    for (const percentage of [0, 40, 100]) fixture.progress(record, percentage);
    await settle();
    await fixture.step(record.id, "in_progress");
    await fixture.end(record, "completed", { commitId: "c0ffee" });
    expect(told(ada)).toEqual(["1: 0", "1: 0", "1: 40", "1: 100", "1: completed"]);
    expect(ada.socket.received.at(-1)).toMatchObject({ record: { commitId: "c0ffee" } });
  });

  it("receives the latest progress of running syncs on subscribing, also of other processes", async () => {
    const here = await fixture.record("ada");
    const elsewhere = await fixture.record("ada");
    await fixture.record("ada", "completed");
    fixture.progress(here, 73);
    const ada = await fixture.follow("ada");
    expect(told(ada)).toEqual([`${here.id}: 73`, `${elsewhere.id}: 0`]);
  });

  it("is confirmed first, and receives no message twice while records are read", async () => {
    const record = await fixture.record("ada");
    const ada = fixture.connect("ada");
    ada.session.receive({ action: "subscribe", projectId: "infra" });
    await Promise.resolve();
    await Promise.resolve();
    fixture.progress(record, 12);
    await settle();
    expect(told(ada)).toEqual(["subscribed infra", "1: 12"]);
  });

  it("receives only the user's own syncs of the subscribed project", async () => {
    const ada = await fixture.follow("ada");
    const bob = await fixture.follow("bob");
    const ofAda = await fixture.record("ada");
    const ofBob = await fixture.record("bob");
    const other = await fixture.record("ada", "in_progress", "other");
    for (const record of [ofAda, ofBob, other]) fixture.progress(record, 5);
    for (const record of [ofAda, ofBob, other]) await fixture.end(record, "failed");
    expect(told(ada)).toEqual([`${ofAda.id}: 5`, `${ofAda.id}: failed`]);
    expect(told(bob)).toEqual([`${ofBob.id}: 5`, `${ofBob.id}: failed`]);
    expect(fixture.reads).toBe(2);
  });

  it("receives nothing after unsubscribing", async () => {
    const record = await fixture.record("ada");
    const ada = await fixture.follow("ada");
    ada.socket.received.splice(0);
    ada.socket.stall();
    for (let percentage = 1; percentage <= 66; percentage += 1) fixture.progress(record, percentage);
    ada.session.receive({ action: "unsubscribe", projectId: "infra" });
    await settle();
    fixture.progress(record, 67);
    ada.socket.flow();
    await settle();
    expect(told(ada).slice(-2)).toEqual(["1: 64", "unsubscribed infra"]);
  });

  it("receives errors for forbidden projects and invalid commands in order", async () => {
    fixture.forbidden.add("secret");
    const ada = fixture.connect("ada");
    ada.session.receive({ action: "subscribe", projectId: "secret" });
    ada.session.reject(new GitHubSdkError("validation_failed", "No."));
    ada.session.reject(new Error("password is hunter2"));
    ada.session.receive({ action: "heartbeat" });
    await settle();
    expect(told(ada)).toEqual(["project_not_found", "validation_failed", "internal_error", "heartbeat"]);
    expect(JSON.stringify(ada.socket.received)).not.toContain("hunter2");
    fixture.progress(await fixture.record("ada", "in_progress", "secret"), 50);
    expect(ada.socket.received).toHaveLength(4);
  });
});

describe("RealtimeEngine: the messages of one sync", () => {
  it("keep their order when the sync is retried before its end was read", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    let read = (): void => undefined;
    fixture.reading = new Promise((resolve) => {
      read = resolve;
    });
    await fixture.end(record, "failed");
    await fixture.step(record.id, "pending");
    await fixture.step(record.id, "in_progress");
    fixture.progress(record, 0);
    fixture.progress(record, 7);
    expect(told(ada)).toEqual([]);
    read();
    await settle();
    expect(told(ada)).toEqual(["1: failed", "1: 7"]);
    await fixture.end(record, "completed");
    expect(told(ada)).toEqual(["1: failed", "1: 7", "1: completed"]);
  });

  it("never decrease the percentage of an interrupted sync", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    for (const percentage of [10, 64, 0, 30, 70]) fixture.progress(record, percentage);
    await settle();
    expect(told(ada)).toEqual(["1: 10", "1: 64", "1: 64", "1: 64", "1: 70"]);
    expect(told(await fixture.follow("ada"))).toEqual(["1: 70"]);
  });

  it("start again at 0 percent for a retry of an ended sync", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    fixture.progress(record, 64);
    await fixture.end(record, "cancelled");
    fixture.progress(record, 0);
    await settle();
    expect(told(ada)).toEqual(["1: 64", "1: cancelled", "1: 0"]);
  });

  it("contain the end once when its event got lost", async () => {
    const record = await fixture.record("ada");
    const ada = await fixture.follow("ada");
    await fixture.clock.advance(10);
    await fixture.step(record.id, "completed");
    ada.session.markAlive();
    await fixture.clock.advance(MINUTE / 2);
    await settle();
    expect(told(ada)).toEqual(["1: 0", "1: completed"]);
    fixture.bus.emit("sync.completed", { ...record, syncId: record.id, branch: "main" });
    await settle();
    expect(told(ada)).toEqual(["1: 0", "1: completed"]);
  });

  it("contain the end when the record could not be read at first", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    fixture.reading = Promise.reject(new Error("no database"));
    fixture.reading.catch(() => undefined);
    await fixture.end(record, "failed");
    expect(told(ada)).toEqual([]);
    fixture.reading = Promise.resolve();
    ada.session.markAlive();
    await fixture.clock.advance(MINUTE / 2);
    await settle();
    expect(told(ada)).toEqual(["1: failed"]);
  });
});

describe("RealtimeEngine: a slow client", () => {
  it("receives the latest progress and the end of each sync and does not delay other clients", async () => {
    const slow = await fixture.follow("ada");
    const quick = await fixture.follow("ada");
    slow.socket.stall();
    const syncs = await Promise.all([1, 2, 3].map(() => fixture.record("ada")));
    for (let percentage = 0; percentage < 100; percentage += 1) {
      for (const record of syncs) fixture.progress(record, percentage);
      await settle();
    }
    const [first, second, third] = syncs;
    if (first === undefined || second === undefined || third === undefined) throw new Error("no sync");
    await fixture.end(first, "completed");
    await fixture.end(second, "failed");
    expect(quick.socket.received).toHaveLength(302);
    slow.socket.flow();
    await settle();
    const last = told(slow).slice(64);
    expect(last).toEqual(["3: 99", "1: completed", "2: failed"]);
    expect(told(quick).slice(0, 64)).toEqual(told(slow).slice(0, 64));
  });

  it("is disconnected when it reads nothing for a minute, even while it sends", async () => {
    const { session, socket } = await fixture.follow("ada");
    socket.stall();
    fixture.progress(await fixture.record("ada"), 1);
    for (let half = 0; half < 2; half += 1) {
      expect(socket.terminated).toBe(false);
      session.markAlive();
      await fixture.clock.advance(MINUTE / 2);
    }
    expect(socket.terminated).toBe(true);
  });

  it("is not read from while it does not read its replies", async () => {
    const { session, socket } = await fixture.follow("ada");
    socket.stall();
    for (let count = 0; count < 16; count += 1) session.receive({ action: "heartbeat" });
    expect(socket.paused).toBe(true);
    await settle();
    expect(socket.received).toHaveLength(1);
    socket.flow();
    await settle();
    expect(socket.paused).toBe(false);
    expect(socket.received).toHaveLength(16);
  });

  it("is disconnected when its queue is full", async () => {
    const { session, socket } = await fixture.follow("ada");
    const record = await fixture.record("ada", "failed");
    socket.stall();
    for (let count = 0; count < 1_064; count += 1)
      session.send({ type: "ended", record: { ...record, id: count }, cursor: { feedId: "f", seq: 10 + count } });
    expect(socket.closedWith).toBeNull();
    session.send({ type: "ended", record, cursor: { feedId: "f", seq: 2_000 } });
    expect(socket.closedWith).toMatchObject({ code: 1013 });
  });
});

describe("RealtimeEngine: connections", () => {
  it("are terminated when the client does not respond to pings", async () => {
    const [dead, living] = [fixture.connect("ada"), fixture.connect("ada")];
    for (let round = 1; round <= 3; round += 1) {
      await fixture.clock.advance(MINUTE / 2);
      expect(living.socket.pings).toBe(round);
      living.session.markAlive();
    }
    expect([dead.socket.terminated, living.socket.terminated]).toEqual([true, false]);
    expect(dead.socket.pings).toBe(1);
  });

  it("over the user's limit receive an error and are closed", async () => {
    const limit = { maxSocketsPerUser: 2 };
    const [first] = [fixture.connect("ada", limit), fixture.connect("ada", limit)];
    const third = fixture.connect("ada", limit);
    const other = fixture.connect("bob", limit);
    await settle();
    expect(told(third)).toEqual(["rate_limited"]);
    expect(third.socket.closedWith).toMatchObject({ code: 1008 });
    expect(other.socket.closedWith).toBeNull();
    if (first !== undefined) fixture.engine.closed(first.session);
    const fourth = fixture.connect("ada", limit);
    await settle();
    expect(fourth.socket.closedWith).toBeNull();
  });

  it("are closed when their token expires, and lose subscriptions that are no longer authorized", async () => {
    const record = await fixture.record("ada");
    const [ada, bob] = [await fixture.follow("ada"), await fixture.follow("bob")];
    const pass = async (minutes: number): Promise<void> => {
      for (let half = 0; half < minutes * 2; half += 1) {
        for (const { session } of [ada, bob]) session.markAlive();
        await fixture.clock.advance(MINUTE / 2);
      }
      await settle();
    };
    fixture.expired.add("bob");
    fixture.forbidden.add("infra");
    await pass(4);
    expect(told(bob)).toEqual([]);
    await pass(1);
    expect(told(bob)).toEqual(["unauthenticated"]);
    expect(bob.socket.closedWith).toMatchObject({ code: 4401 });
    expect(told(ada)).toEqual(["1: 0", "project_not_found", "unsubscribed infra"]);
    expect(ada.socket.closedWith).toBeNull();
    fixture.progress(record, 50);
    expect(ada.socket.received).toHaveLength(3);
  });

  it("receive all pending messages before the SDK closes them", async () => {
    const ada = await fixture.follow("ada");
    const idle = fixture.connect("bob");
    const record = await fixture.record("ada");
    let read = (): void => undefined;
    fixture.reading = new Promise((resolve) => {
      read = resolve;
    });
    await fixture.end(record, "completed");
    const closed = fixture.engine.close();
    read();
    await settle();
    expect(told(ada)).toEqual(["1: completed"]);
    expect([ada.socket.closedWith, idle.socket.closedWith]).toMatchObject([{ code: 1001 }, { code: 1001 }]);
    fixture.engine.closed(ada.session);
    await fixture.clock.advance(3_000);
    await closed;
    expect([ada.socket.terminated, idle.socket.terminated]).toEqual([false, true]);
    const late = fixture.connect("ada");
    await settle();
    expect(late.socket.closedWith).toMatchObject({ code: 1001 });
  });
});
