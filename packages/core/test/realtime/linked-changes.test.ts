import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RealtimeFixture, settle, told } from "./realtime-fixture.js";

const MOVE = { userId: "ada", projectId: "infra", repository: "ada/infra", branch: "main" };

let fixture: RealtimeFixture;
beforeEach(() => {
  fixture = new RealtimeFixture();
});
afterEach(() => fixture.close());

describe("a client of a linked project", () => {
  it("receives moves of the branch for its own project only, after the confirmation", async () => {
    const ada = fixture.connect("ada");
    const bob = await fixture.follow("bob");
    let resolve = (): void => undefined;
    fixture.reading = new Promise((read) => {
      resolve = read;
    });
    ada.session.receive({ action: "subscribe", projectId: "infra" });
    await settle();
    for (const head of ["1", "2"]) fixture.bus.emit("repository.changed", { ...MOVE, head });
    await settle();
    expect(told(ada)).toEqual([]);
    resolve();
    await settle();
    fixture.bus.emit("repository.changed", { ...MOVE, head: "3" });
    fixture.bus.emit("repository.changed", { ...MOVE, projectId: "other", head: "4" });
    await settle();
    expect(told(ada)).toEqual(["subscribed infra", "main: 2", "main: 3"]);
    expect(told(bob)).toEqual([]);
  });

  it("receives the change of the project before the end of its sync, also when it resumes", async () => {
    const ada = await fixture.follow("ada");
    const record = await fixture.record("ada");
    await fixture.end(record, "completed", { filesPulled: 2, filesRemoved: 1 });
    const unchanged = await fixture.record("ada");
    await fixture.end(unchanged, "completed");
    const ends = [`${record.id}: changed 2`, `${record.id}: completed`, `${unchanged.id}: completed`];
    expect(told(ada)).toEqual(ends);
    const [change] = ada.socket.received;
    const { feedId, seq } = change !== undefined && "cursor" in change ? change.cursor : { feedId: null, seq: 0 };
    const resumed = await fixture.follow("ada", "infra", `${feedId}.${seq}`);
    await settle();
    expect(told(resumed)).toEqual(ends);
  });
});
