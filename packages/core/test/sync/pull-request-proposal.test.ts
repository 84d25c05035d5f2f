import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

let fixture: SyncFixture;
beforeEach(async () => {
  fixture = await SyncFixture.create({ files: { "main.tf": "1\n2\n3\n", "other.tf": "other\n" } });
  await fixture.sync();
});
afterEach(() => fixture.close());

const propose = () => fixture.sync({ strategy: "pull_request" });
const firstPull = () => {
  const [pull] = fixture.repository.pulls;
  if (pull === undefined) throw new Error("no pull request was opened");
  return pull;
};
/** Merges the first pull request as GitHub's squash does. */
const merge = async (files: Record<string, string | null>): Promise<void> => {
  await fixture.commit(files);
  Object.assign(firstPull(), { state: "closed", merged: true });
};
const writes = () => fixture.box.requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/graphql"));

describe("a sync with the strategy pull_request", () => {
  it("keeps a person's edit that follows the merge of its pull request", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    expect(await propose()).toMatchObject({ status: "completed", filesSynced: 1 });
    await merge({ "main.tf": "1\nproposed\n3\n" });
    await fixture.commit({ "main.tf": "1\nedited\n3\n" });
    expect(await propose()).toMatchObject({ status: "completed", filesSynced: 0, pullRequestUrl: null });
    expect(fixture.repository.pulls).toHaveLength(1);
    expect(await fixture.sync({ strategy: "merge" })).toMatchObject({ status: "completed", filesSynced: 0 });
    expect(await fixture.branch()).toMatchObject({ "main.tf": "1\nedited\n3\n" });
  });

  it("returns the open pull request and writes nothing when nothing has changed", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    const first = await propose();
    fixture.box.resetCounters();
    const second = await propose();
    const head = await fixture.repository.head(firstPull().head);
    expect(second).toMatchObject({ status: "completed", filesSynced: 0, filesDeleted: 0, commitId: head });
    expect(second.pullRequestUrl).toBe(first.pullRequestUrl);
    expect(writes()).toEqual([]);
    expect(fixture.box.count("createCommitOnBranch") + fixture.box.count("updateRefs")).toBe(0);
  });

  it("adds later changes to the branch of the open pull request", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    const first = await propose();
    fixture.write("other.tf", "changed\n");
    fixture.write("new.tf", "new\n");
    const second = await propose();
    expect(second).toMatchObject({ filesSynced: 2, pullRequestUrl: first.pullRequestUrl });
    expect(fixture.repository.pulls).toHaveLength(1);
    const branch = await fixture.branch(firstPull().head);
    expect(branch).toMatchObject({ "main.tf": "1\nproposed\n3\n", "other.tf": "changed\n", "new.tf": "new\n" });
    await merge({ "main.tf": "1\nproposed\n3\n", "other.tf": "changed\n", "new.tf": "new\n" });
    await fixture.commit({ "other.tf": "edited\n" });
    expect(await propose()).toMatchObject({ status: "completed", filesSynced: 0 });
  });

  it("takes a change back in the open pull request", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    await propose();
    fixture.write("main.tf", "1\n2\n3\n");
    expect(await propose()).toMatchObject({ filesSynced: 1 });
    expect(await fixture.branch(firstPull().head)).toMatchObject({ "main.tf": "1\n2\n3\n" });
  });

  it("opens another pull request after the first was closed without a merge", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    const first = await propose();
    firstPull().state = "closed";
    const second = await propose();
    expect(second).toMatchObject({ status: "completed", filesSynced: 1 });
    expect(second.pullRequestUrl).not.toBe(first.pullRequestUrl);
    expect(fixture.repository.pulls.map(({ state }) => state)).toEqual(["closed", "open"]);
  });

  it("is planned by a dry run against the open pull request", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    await propose();
    const plan = await fixture.sdk.sync.plan(fixture.request({ strategy: "pull_request" }));
    expect(plan.changes).toEqual([]);
    fixture.write("other.tf", "changed\n");
    const next = await fixture.sdk.sync.plan(fixture.request({ strategy: "pull_request" }));
    expect(next.changes.map(({ path }) => path)).toEqual(["other.tf"]);
    const applied = await fixture.sdk.sync.apply(fixture.request({ strategy: "pull_request" }), next.hash);
    expect(applied).toMatchObject({ status: "completed", filesSynced: 1 });
  });

  it("describes its changes in the pull request", async () => {
    fixture.write("main.tf", "1\nproposed\n3\n");
    await fixture.commit({ "main.tf": "1\nedited\n3\n" });
    fixture.write("new`file.tf", "new\n");
    await propose();
    expect(firstPull().body).toContain("Added 1, updated 1 and deleted 0 files.");
    expect(firstPull().body).toContain("- `main.tf`");
  });

  it("names its branch within GitHub's limit for a target branch with a long name", async () => {
    const branch = `long/${"x".repeat(230)}`;
    await fixture.commit({ "README.md": "long\n" }, branch);
    fixture.write("main.tf", "1\nproposed\n3\n");
    const record = await fixture.sync({ strategy: "pull_request", branch });
    expect(record).toMatchObject({ status: "completed", pullRequestUrl: expect.any(String) });
    expect(firstPull()).toMatchObject({ base: branch, head: expect.stringMatching(/^infrajet\/sync-[0-9a-z-]+$/) });
  });

  it("names its branch differently when a branch infrajet exists", async () => {
    await fixture.commit({ "README.md": "mine\n" }, "infrajet");
    fixture.write("main.tf", "1\nproposed\n3\n");
    expect(await propose()).toMatchObject({ status: "completed", pullRequestUrl: expect.any(String) });
    expect(firstPull().head).toMatch(/^infrajet-sync-[0-9a-z-]+-to-main$/);
  });
});
