import { afterEach, describe, expect, it } from "vitest";
import { World } from "./world.js";

const PUSH = "POST /{owner}/{repo}.git/git-receive-pack";
const SCRIPT = { "run.sh": { content: "#!/bin/sh\n", mode: "100755" } } as const;

let world: World;
afterEach(() => world.close());

describe("a writer that cannot get through", () => {
  it.each([
    [{ status: 403, body: "The proxy allows no git." }],
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

  it("is the end of the sync when it was asked for by name", async () => {
    world = await World.create({ files: SCRIPT });
    world.box.control.fault({ path: PUSH, when: "before", respond: { status: 404, body: "Not here." } });
    const record = await world.sync({ writer: "push" });
    expect(record).toMatchObject({ status: "failed", error: { code: "repository_not_found" } });
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
