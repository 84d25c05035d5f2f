import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { World } from "./sync-fixture.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
const SCRIPT = { "run.sh": { content: "#!/bin/sh\n", mode: "100755" } } as const;

let world: World;
afterEach(() => world.close());

describe("a writer that cannot get through", () => {
  it.each([
    [{ status: 403, body: "<html>No git here. This request was archived.</html>" }],
    [{ status: 401, body: "<html>Please log in</html>" }],
    [{ status: 404, body: "Not here." }],
    [{ status: 405, body: "" }],
    [{ status: 200, body: "<html>Please log in</html>" }],
    [{ status: 302, headers: { location: "https://proxy.example.com/login" } }],
  ])("gives way to the next one (%j): one commit", async (respond) => {
    world = await World.create({ files: SCRIPT });
    world.box.control.fault({ path: PUSH, when: "before", respond });
    const record = await world.sync();
    expect(record).toMatchObject({ status: "completed", writer: "git-data", filesSynced: 1 });
    expect(world.box.count(PUSH)).toBe(1);
    expect(await world.commits()).toBe(2);
    expect(await world.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("gives way where no connection comes about, and is remembered", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    world = await World.create({ files: SCRIPT, sdk: { serverUrl: `http://127.0.0.1:${port}` } });
    expect(await world.sync()).toMatchObject({ status: "completed", writer: "git-data", filesSynced: 1 });
    expect(await world.commits()).toBe(2);
    world.write("run.sh", { content: "2\n", mode: "100755" });
    expect((await world.sdk.sync.plan(world.request())).writer?.name).toBe("git-data");
    const pinned = await world.sync({ writer: "push" });
    expect(pinned).toMatchObject({ status: "failed", error: { code: "github_unavailable" }, attempts: [] });
  });

  it("is remembered for five minutes: the next syncs do not begin with it, and what nobody else takes is tried", async () => {
    world = await World.create({ files: SCRIPT });
    world.box.control.fault({ path: PUSH, when: "before", respond: { status: 403, body: "No." }, times: 2 });
    const syncChanged = async (content: string) => {
      world.write("run.sh", { content, mode: "100755" });
      world.box.resetCounters();
      const { status, writer } = await world.sync();
      return { status, writer, pushes: world.box.count(PUSH) };
    };
    expect(await syncChanged("1\n")).toEqual({ status: "completed", writer: "git-data", pushes: 1 });
    expect(await syncChanged("2\n")).toEqual({ status: "completed", writer: "git-data", pushes: 0 });
    world.write("run.sh", { content: "3\n", mode: "100755" });
    const { writer } = await world.sdk.sync.plan(world.request());
    expect(writer?.reason).toContain("push: it did not get through to GitHub a short time ago");
    world.clock.putForward(300_001);
    expect(await syncChanged("4\n")).toEqual({ status: "completed", writer: "git-data", pushes: 1 });
    world.clock.putForward(300_001);
    expect(await syncChanged("5\n")).toEqual({ status: "completed", writer: "push", pushes: 1 });
    expect(await world.commits()).toBe(5);
  });

  it("belongs to its SDK instance alone", async () => {
    world = await World.create({ files: SCRIPT });
    world.box.control.fault({ path: PUSH, when: "before", respond: { status: 403, body: "No." } });
    expect(await world.sync()).toMatchObject({ status: "completed", writer: "git-data" });
    world.write("run.sh", { content: "2\n", mode: "100755" });
    await world.restart();
    expect(await world.sync()).toMatchObject({ status: "completed", writer: "push" });
  });

  it("is not remembered for what was too large for it, or could not be signed", async () => {
    world = await World.create({ files: SCRIPT });
    world.box.control.fault({ path: PUSH, when: "before", respond: { status: 413, body: "Too large." } });
    expect(await world.sync()).toMatchObject({ status: "completed", writer: "git-data" });
    world.write("run.sh", { content: "2\n", mode: "100755" });
    expect(await world.sync()).toMatchObject({ status: "completed", writer: "push" });
  });

  it("is the end of the sync when it was asked for by name", async () => {
    world = await World.create({ files: SCRIPT });
    world.box.control.fault({ path: PUSH, when: "before", respond: { status: 404, body: "Not here." } });
    const record = await world.sync({ writer: "push" });
    expect(record).toMatchObject({ status: "failed", error: { code: "writer_refused" } });
    expect(await world.commits()).toBe(1);
    expect(await world.sdk.sync.retry(record.id)).toMatchObject({ status: "completed", writer: "push" });
    expect(await world.commits()).toBe(2);
  });

  it("does not give way when the rules of the branch forbid the push", async () => {
    world = await World.create({ files: SCRIPT });
    world.repository.setRules("main", [{ type: "update" }]);
    const record = await world.sync({ writer: "auto", bypassRules: true });
    expect(record).toMatchObject({ status: "failed", error: { code: "branch_protected" } });
    expect(world.box.count("updateRefs")).toBe(0);
    expect(await world.commits()).toBe(1);
  });
});

describe("the plan", () => {
  it("says who writes, and why", async () => {
    world = await World.create({
      files: Object.fromEntries(Array.from({ length: 1240 }, (_, index) => [`f${index}.txt`, `${index}\n`])),
    });
    const { writer } = await world.sdk.sync.plan(world.request());
    expect(writer).toEqual({
      name: "push",
      reason: "push: 1,240 files, 5 kB, not signed (not graphql: there are 1,240 files, and it takes 100)",
    });
    expect(world.box.count(PUSH)).toBe(0);
  });
});
