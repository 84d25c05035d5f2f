import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GitHubSdkError } from "../../src/errors.js";
import { RealtimeFixture, settle, told } from "./realtime-fixture.js";

const MINUTE = 60_000;

let fixture: RealtimeFixture;
beforeEach(() => {
  fixture = new RealtimeFixture();
});
afterEach(() => fixture.close());

describe("a client that follows a project", () => {
  it("is told of each sync from beginning to end", async () => {
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

  it("gets the latest state of what runs at once, also when it runs elsewhere", async () => {
    const here = await fixture.record("ada");
    const elsewhere = await fixture.record("ada");
    await fixture.record("ada", "completed");
    fixture.progress(here, 73);
    const ada = await fixture.follow("ada");
    expect(told(ada)).toEqual([`${here.id}: 73`, `${elsewhere.id}: 0`]);
  });

  it("is confirmed before anything else, and hears of nothing twice while the records are read", async () => {
    const record = await fixture.record("ada");
    const ada = fixture.connect("ada");
    ada.session.receive({ action: "subscribe", projectId: "infra" });
    await Promise.resolve();
    await Promise.resolve();
    fixture.progress(record, 12);
    await settle();
    expect(told(ada)).toEqual(["subscribed infra", "1: 12"]);
  });

  it("sees only its own user's syncs, of the projects that it asked for", async () => {
    const ada = await fixture.follow("ada");
    const bob = await fixture.follow("bob");
    const ofAda = await fixture.record("ada");
    const ofBob = await fixture.record("bob");
    const other = await fixture.record("ada", "in_progress", "other");
    for (const record of [ofAda, ofBob, other]) fixture.progress(record, 5);
    for (const record of [ofAda, ofBob, other]) await fixture.end(record, "failed");
    expect(told(ada)).toEqual([`${ofAda.id}: 5`, `${ofAda.id}: failed`]);
    expect(told(bob)).toEqual([`${ofBob.id}: 5`, `${ofBob.id}: failed`]);
    expect(fixture.finds).toBe(2);
  });

  it("hears nothing more of what it no longer follows", async () => {
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

  it("is refused what it may not see, and told what is wrong, in turn", async () => {
    fixture.forbidden.add("secret");
    const ada = fixture.connect("ada");
    ada.session.receive({ action: "subscribe", projectId: "secret" });
    ada.session.complain(new GitHubSdkError("validation_failed", "No."));
    ada.session.complain(new Error("password is hunter2"));
    ada.session.receive({ action: "heartbeat" });
    await settle();
    expect(told(ada)).toEqual(["project_not_found", "validation_failed", "internal_error", "heartbeat"]);
    expect(JSON.stringify(ada.socket.received)).not.toContain("hunter2");
    fixture.progress(await fixture.record("ada", "in_progress", "secret"), 50);
    expect(ada.socket.received).toHaveLength(4);
  });
});

describe("the order of what happens to a sync", () => {
  it("is kept when it is run again before its end was read", async () => {
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

  it("never shows a sync that was interrupted fall back", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    for (const percentage of [10, 64, 0, 30, 70]) fixture.progress(record, percentage);
    await settle();
    expect(told(ada)).toEqual(["1: 10", "1: 64", "1: 64", "1: 64", "1: 70"]);
    expect(told(await fixture.follow("ada"))).toEqual(["1: 70"]);
  });

  it("begins anew once a sync has ended and is run again", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    fixture.progress(record, 64);
    await fixture.end(record, "cancelled");
    fixture.progress(record, 0);
    await settle();
    expect(told(ada)).toEqual(["1: 64", "1: cancelled", "1: 0"]);
  });

  it("ends also when the event was lost on its way, and is told once", async () => {
    const record = await fixture.record("ada");
    const ada = await fixture.follow("ada");
    await fixture.clock.advance(10);
    await fixture.step(record.id, "completed");
    ada.session.alive();
    await fixture.clock.advance(MINUTE / 2);
    await settle();
    expect(told(ada)).toEqual(["1: 0", "1: completed"]);
    fixture.bus.emit("sync.completed", { ...record, syncId: record.id, branch: "main" });
    await settle();
    expect(told(ada)).toEqual(["1: 0", "1: completed"]);
  });

  it("ends also when the record could not be read at first", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    fixture.reading = Promise.reject(new Error("no database"));
    fixture.reading.catch(() => undefined);
    await fixture.end(record, "failed");
    expect(told(ada)).toEqual([]);
    fixture.reading = Promise.resolve();
    ada.session.alive();
    await fixture.clock.advance(MINUTE / 2);
    await settle();
    expect(told(ada)).toEqual(["1: failed"]);
  });
});

describe("a slow client", () => {
  it("gets the latest state of each sync and the end of every one, and holds nobody up", async () => {
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

  it("is closed when it takes nothing for a minute, whatever it sends meanwhile", async () => {
    const { session, socket } = await fixture.follow("ada");
    socket.stall();
    fixture.progress(await fixture.record("ada"), 1);
    for (let half = 0; half < 2; half += 1) {
      expect(socket.terminated).toBe(false);
      session.alive();
      await fixture.clock.advance(MINUTE / 2);
    }
    expect(socket.terminated).toBe(true);
  });

  it("is not listened to while it does not take its answers", async () => {
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

  it("is closed when more syncs end than it can be told of", async () => {
    const { session, socket } = await fixture.follow("ada");
    const record = await fixture.record("ada", "failed");
    socket.stall();
    for (let count = 0; count < 1_064; count += 1) session.tell({ type: "ended", record: { ...record, id: count } });
    expect(socket.closedWith).toBeNull();
    session.tell({ type: "ended", record });
    expect(socket.closedWith).toMatchObject({ code: 1013 });
  });
});

describe("connections", () => {
  it("that give no sign of life are cut off", async () => {
    const [dead, living] = [fixture.connect("ada"), fixture.connect("ada")];
    for (let round = 1; round <= 3; round += 1) {
      await fixture.clock.advance(MINUTE / 2);
      expect(living.socket.pings).toBe(round);
      living.session.alive();
    }
    expect([dead.socket.terminated, living.socket.terminated]).toEqual([true, false]);
    expect(dead.socket.pings).toBe(1);
  });

  it("over the limit of a user are told why and closed, until one has gone", async () => {
    const limit = { maxSocketsPerUser: 2 };
    const [first] = [fixture.connect("ada", limit), fixture.connect("ada", limit)];
    const third = fixture.connect("ada", limit);
    const other = fixture.connect("bob", limit);
    await settle();
    expect(told(third)).toEqual(["rate_limited"]);
    expect(third.socket.closedWith).toMatchObject({ code: 1008 });
    expect(other.socket.closedWith).toBeNull();
    if (first !== undefined) fixture.engine.left(first.session);
    const fourth = fixture.connect("ada", limit);
    await settle();
    expect(fourth.socket.closedWith).toBeNull();
  });

  it("end with their token, and subscriptions with the right to them", async () => {
    const record = await fixture.record("ada");
    const [ada, bob] = [await fixture.follow("ada"), await fixture.follow("bob")];
    const pass = async (minutes: number): Promise<void> => {
      for (let half = 0; half < minutes * 2; half += 1) {
        for (const { session } of [ada, bob]) session.alive();
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

  it("are closed in order when the SDK closes, after what has happened was told", async () => {
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
    fixture.engine.left(ada.session);
    await fixture.clock.advance(3_000);
    await closed;
    expect([ada.socket.terminated, idle.socket.terminated]).toEqual([false, true]);
    const late = fixture.connect("ada");
    await settle();
    expect(late.socket.closedWith).toMatchObject({ code: 1001 });
  });
});
