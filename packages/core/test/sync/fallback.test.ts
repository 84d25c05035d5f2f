import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
const SCRIPT = { "run.sh": { content: "#!/bin/sh\n", mode: "100755" } } as const;

let fixture: SyncFixture;
afterEach(() => fixture.close());

describe("fallback between commit writers", () => {
  it.each([
    [{ status: 403, body: "<html>No git here. This request was archived.</html>" }],
    [{ status: 401, body: "<html>Please log in</html>" }],
    [{ status: 404, body: "Not here." }],
    [{ status: 405, body: "" }],
    [{ status: 200, body: "<html>Please log in</html>" }],
    [{ status: 302, headers: { location: "https://proxy.example.com/login" } }],
  ])("writes one commit with git-data when a push is refused (%j)", async (respond) => {
    fixture = await SyncFixture.create({ files: SCRIPT });
    fixture.box.control.fault({ path: PUSH, when: "before", respond });
    const record = await fixture.sync();
    expect(record).toMatchObject({ status: "completed", writer: "git-data", filesSynced: 1 });
    expect(fixture.box.count(PUSH)).toBe(1);
    expect(await fixture.commits()).toBe(2);
    expect(await fixture.sync()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("falls back when no connection can be made, and skips the writer in the next sync", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    fixture = await SyncFixture.create({ files: SCRIPT, sdk: { serverUrl: `http://127.0.0.1:${port}` } });
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "git-data", filesSynced: 1 });
    expect(await fixture.commits()).toBe(2);
    fixture.write("run.sh", { content: "2\n", mode: "100755" });
    expect((await fixture.sdk.sync.plan(fixture.request())).writer?.name).toBe("git-data");
    const pinned = await fixture.sync({ writer: "push" });
    expect(pinned).toMatchObject({ status: "failed", error: { code: "github_unavailable" }, attempts: [] });
  });

  it("skips a refused writer for five minutes", async () => {
    fixture = await SyncFixture.create({ files: SCRIPT });
    fixture.box.control.fault({ path: PUSH, when: "before", respond: { status: 403, body: "No." }, times: 2 });
    const syncChanged = async (content: string) => {
      fixture.write("run.sh", { content, mode: "100755" });
      fixture.box.resetCounters();
      const { status, writer } = await fixture.sync();
      return { status, writer, pushes: fixture.box.count(PUSH) };
    };
    expect(await syncChanged("1\n")).toEqual({ status: "completed", writer: "git-data", pushes: 1 });
    expect(await syncChanged("2\n")).toEqual({ status: "completed", writer: "git-data", pushes: 0 });
    fixture.write("run.sh", { content: "3\n", mode: "100755" });
    const { writer } = await fixture.sdk.sync.plan(fixture.request());
    expect(writer?.reason).toContain("push: it could not reach GitHub recently");
    fixture.clock.putForward(300_001);
    expect(await syncChanged("4\n")).toEqual({ status: "completed", writer: "git-data", pushes: 1 });
    fixture.clock.putForward(300_001);
    expect(await syncChanged("5\n")).toEqual({ status: "completed", writer: "push", pushes: 1 });
    expect(await fixture.commits()).toBe(5);
  });

  it("does not share the skipped writers between SDK instances", async () => {
    fixture = await SyncFixture.create({ files: SCRIPT });
    fixture.box.control.fault({ path: PUSH, when: "before", respond: { status: 403, body: "No." } });
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "git-data" });
    fixture.write("run.sh", { content: "2\n", mode: "100755" });
    await fixture.restart();
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "push" });
  });

  it("does not skip a writer after a change set that was too large for it", async () => {
    fixture = await SyncFixture.create({ files: SCRIPT });
    fixture.box.control.fault({ path: PUSH, when: "before", respond: { status: 413, body: "Too large." } });
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "git-data" });
    fixture.write("run.sh", { content: "2\n", mode: "100755" });
    expect(await fixture.sync()).toMatchObject({ status: "completed", writer: "push" });
  });

  it("fails with writer_refused when the request names the writer", async () => {
    fixture = await SyncFixture.create({ files: SCRIPT });
    fixture.box.control.fault({ path: PUSH, when: "before", respond: { status: 404, body: "Not here." } });
    const record = await fixture.sync({ writer: "push" });
    expect(record).toMatchObject({ status: "failed", error: { code: "writer_refused" } });
    expect(await fixture.commits()).toBe(1);
    expect(await fixture.sdk.sync.retry(record.id)).toMatchObject({ status: "completed", writer: "push" });
    expect(await fixture.commits()).toBe(2);
  });

  it("does not fall back when the branch's rules forbid the push", async () => {
    fixture = await SyncFixture.create({ files: SCRIPT });
    fixture.repository.setRules("main", [{ type: "update" }]);
    const record = await fixture.sync({ writer: "auto", bypassRules: true });
    expect(record).toMatchObject({ status: "failed", error: { code: "branch_protected" } });
    expect(fixture.box.count("updateRefs")).toBe(0);
    expect(await fixture.commits()).toBe(1);
  });
});

describe("writer of a plan", () => {
  it("names the writer and the reason for choosing it", async () => {
    fixture = await SyncFixture.create({
      files: Object.fromEntries(Array.from({ length: 1240 }, (_, index) => [`f${index}.txt`, `${index}\n`])),
    });
    const { writer } = await fixture.sdk.sync.plan(fixture.request());
    expect(writer).toEqual({
      name: "push",
      reason: "push: 1,240 files, 5 kB, not signed (not graphql: 1,240 files are more than the 100 it is chosen for)",
    });
    expect(fixture.box.count(PUSH)).toBe(0);
  });
});
