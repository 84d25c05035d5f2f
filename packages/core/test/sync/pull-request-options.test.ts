import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SyncFixture } from "./sync-fixture.js";

let fixture: SyncFixture;
afterEach(() => fixture.close());

const SYNC_URL = "https://app.example/projects/{projectId}/syncs/{syncId}";

const pulls = () => fixture.repository.pulls;
const firstPull = () => {
  const [pull] = pulls();
  if (pull === undefined) throw new Error("no pull request was opened");
  return pull;
};
const labelsOf = () => [...firstPull().labels].map(({ name }) => name);
const reviewersOf = () => [...firstPull().requestedReviewers].map(({ login }) => login);

describe("the option pullRequest", () => {
  const propose = (pullRequest: NonNullable<Parameters<SyncFixture["sync"]>[0]>["pullRequest"] = {}) =>
    fixture.sync({ strategy: "pull_request", pullRequest });

  beforeEach(async () => {
    fixture = await SyncFixture.create({ files: { "main.tf": "1\n2\n3\n" }, sdk: { syncUrl: SYNC_URL } });
    for (const login of ["grace", "edsger"]) {
      fixture.box.addUser({ login });
      fixture.repository.setPermission(login, "write");
    }
    await fixture.sync();
    fixture.write("main.tf", "1\nproposed\n3\n");
  });

  it("sets title, body, labels, reviewers and draft of the pull request", async () => {
    const record = await propose({
      title: "Update the network",
      body: "As discussed.",
      labels: ["infra", "automated"],
      reviewers: ["grace", "edsger"],
      draft: true,
    });
    expect(record).toMatchObject({ status: "completed", notes: [] });
    expect(firstPull()).toMatchObject({ title: "Update the network", body: "As discussed.", draft: true });
    expect(labelsOf()).toEqual(["infra", "automated"]);
    expect(reviewersOf()).toEqual(["grace", "edsger"]);
  });

  it("defaults to the message as title, and to a summary with conflicts and the host's link as body", async () => {
    await fixture.commit({ "main.tf": "1\nedited\n3\n" });
    const record = await fixture.sync({ strategy: "pull_request", message: `${"x".repeat(300)}\n\nMore` });
    expect(firstPull()).toMatchObject({ title: `${"x".repeat(255)}…`, draft: false });
    expect(firstPull().body).toContain("Added 0, updated 1 and deleted 0 files.");
    expect(firstPull().body).toContain("- `main.tf`");
    expect(firstPull().body).toContain(`(<https://app.example/projects/infra/syncs/${record.id}>)`);
  });

  it("does not change a pull request that is already open", async () => {
    await propose({ title: "First", labels: ["first"] });
    fixture.write("main.tf", "1\nagain\n3\n");
    expect(await propose({ title: "Second", labels: ["second"] })).toMatchObject({ status: "completed" });
    expect(firstPull()).toMatchObject({ title: "First" });
    expect(labelsOf()).toEqual(["first"]);
  });

  it("notes the reviewers that GitHub refuses, and requests the others", async () => {
    fixture.box.addUser({ login: "stranger" });
    const record = await propose({ reviewers: ["stranger", "grace", "ada", "ada/team"] });
    expect(record).toMatchObject({ status: "completed", pullRequestUrl: expect.any(String) });
    expect(record.notes).toEqual([
      expect.stringMatching(/^GitHub did not request a review from: stranger, ada, ada\/team\. /),
    ]);
    expect(reviewersOf()).toEqual(["grace"]);
  });

  it("notes labels that GitHub refuses", async () => {
    const body = { message: "Resource not accessible by integration" };
    fixture.box.control.fault({ method: "POST", path: /\/labels$/, when: "before", respond: { status: 403, body } });
    const record = await propose({ labels: ["infra"], reviewers: ["grace"] });
    expect(record).toMatchObject({ status: "completed", error: null });
    expect(record.notes).toEqual([expect.stringMatching(/^GitHub did not add these labels .*: infra\. /)]);
    expect(reviewersOf()).toEqual(["grace"]);
  });

  it("opens a regular pull request where GitHub does not support drafts", async () => {
    const body = { message: "Draft pull requests are not supported in this repository." };
    fixture.box.control.fault({ method: "POST", path: /\/pulls$/, when: "before", respond: { status: 422, body } });
    const record = await propose({ draft: true });
    expect(record).toMatchObject({ status: "completed", notes: [expect.stringContaining("draft")] });
    expect(firstPull().draft).toBe(false);
  });

  it.each([
    ["title", { title: " " }],
    ["title", { title: "x".repeat(257) }],
    ["title", { title: "a\nb" }],
    ["body", { body: "x".repeat(65_537) }],
    ["labels.0", { labels: ["x".repeat(51)] }],
    ["labels", { labels: Array.from({ length: 101 }, String) }],
    ["reviewers.0", { reviewers: ["not a login"] }],
    ["reviewers", { reviewers: Array.from({ length: 16 }, (_, index) => `user${index}`) }],
  ])("rejects an invalid %s", async (field, pullRequest) => {
    const errors = [{ field: `pullRequest.${field}`, message: expect.any(String) }];
    await expect(propose(pullRequest)).rejects.toMatchObject({ code: "validation_failed", details: { errors } });
  });

  it("is rejected for a sync that does not open a pull request", async () => {
    await expect(fixture.sync({ pullRequest: {} })).rejects.toMatchObject({ code: "validation_failed" });
    expect(await fixture.sync({ pullRequest: {}, protectedBranch: "pull_request" })).toMatchObject({
      status: "completed",
      pullRequestUrl: null,
    });
  });
});

describe("the option protectedBranch", () => {
  const RULE = [{ type: "pull_request" }] as const;

  beforeEach(async () => {
    fixture = await SyncFixture.create({ files: { "main.tf": "1\n2\n3\n", "other.tf": "other\n" } });
    await fixture.sync();
    fixture.write("main.tf", "1\nproposed\n3\n");
  });
  const sync = () => fixture.sync({ protectedBranch: "pull_request", pullRequest: { labels: ["infra"] } });

  it.each(["a rule that is known before", "a protection that GitHub reports on writing"])(
    "opens a pull request because of %s, and continues it",
    async (kind) => {
      if (kind.startsWith("a rule")) fixture.repository.setRules("main", RULE);
      else fixture.repository.protect("main", { requiredPullRequestReviews: true, enforceAdmins: true });
      const first = await sync();
      expect(first).toMatchObject({ status: "completed", filesSynced: 1, pullRequestUrl: expect.any(String) });
      expect(first.notes).toEqual(["The branch is protected, so the changes are proposed in a pull request."]);
      expect(labelsOf()).toEqual(["infra"]);
      expect(await fixture.branch()).toMatchObject({ "main.tf": "1\n2\n3\n" });
      expect(await sync()).toMatchObject({ filesSynced: 0, pullRequestUrl: first.pullRequestUrl });
      fixture.write("other.tf", "changed\n");
      expect(await sync()).toMatchObject({ filesSynced: 1, pullRequestUrl: first.pullRequestUrl });
      expect(pulls()).toHaveLength(1);
      expect(await fixture.branch(firstPull().head)).toMatchObject({
        "main.tf": "1\nproposed\n3\n",
        "other.tf": "changed\n",
      });
    },
  );

  it("merges the branch's changes into the proposal, and keeps a later edit after the merge", async () => {
    fixture.repository.setRules("main", RULE);
    fixture.write("main.tf", "one\n2\n3\n");
    const plan = await fixture.sdk.sync.plan(fixture.request({ protectedBranch: "pull_request" }));
    expect(plan.changes).toMatchObject([{ path: "main.tf" }]);
    await sync();
    fixture.repository.setRules("main", []);
    await fixture.commit({ "main.tf": "one\n2\n3\n" });
    Object.assign(firstPull(), { state: "closed", merged: true });
    await fixture.commit({ "main.tf": "edited\n2\n3\n" });
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 0, pullRequestUrl: null });
    expect(await fixture.branch()).toMatchObject({ "main.tf": "edited\n2\n3\n" });
  });

  it("writes to a branch that is not protected", async () => {
    expect(await sync()).toMatchObject({ status: "completed", filesSynced: 1, pullRequestUrl: null });
    expect(pulls()).toEqual([]);
  });

  it("takes its default from the SDK's option, and is off with bypassRules", async () => {
    fixture.repository.setRules("main", RULE);
    fixture.sdks.push(fixture.startSdk({ protectedBranch: "pull_request" }));
    await expect(fixture.sync({ protectedBranch: "fail" })).rejects.toMatchObject({ code: "branch_protected" });
    expect(await fixture.sync({ bypassRules: true })).toMatchObject({ error: { code: "branch_protected" } });
    expect(await fixture.sync()).toMatchObject({ status: "completed", pullRequestUrl: expect.any(String) });
  });

  it("does not propose files that a push rule rejects", async () => {
    const message = "Repository rule violations found\n\nFile path is restricted: main.tf";
    fixture.box.control.fault({
      method: "POST",
      path: /\/git\/trees$/,
      when: "before",
      respond: { status: 422, body: { message } },
    });
    const record = await fixture.sync({ protectedBranch: "pull_request", writer: "git-data" });
    expect(record).toMatchObject({ status: "failed", error: { code: "branch_protected" } });
    expect(pulls()).toEqual([]);
  });
});

describe("recovery of a sync that opens a pull request", () => {
  // A request's timeout, the longest wait for a rate limit, and a margin.
  const ONE_LEASE = 1_500 + 60_000 + 30_000;

  it.each([
    ["its commit", { operation: "updateRefs" }],
    ["the opening of its pull request", { method: "POST", path: /\/pulls$/ }],
    ["the request of reviews", { method: "POST", path: /\/requested_reviewers$/ }],
  ])("continues the proposal of a process that hangs after %s", async (_step, request) => {
    fixture = await SyncFixture.create({ files: { "main.tf": "1\n2\n3\n" }, sdk: { requestTimeoutMs: 1_500 } });
    fixture.box.addUser({ login: "grace" });
    fixture.repository.setPermission("grace", "write");
    await fixture.sync();
    fixture.write("main.tf", "1\nproposed\n3\n");
    const stopped = hangAfter(request);
    const pullRequest = { reviewers: ["grace"] };
    const { id } = await fixture.sdk.sync.submit(
      fixture.request({ strategy: "pull_request", writer: "git-data", pullRequest }),
    );
    await stopped;
    fixture.clock.putForward(ONE_LEASE);
    fixture.sdks.push(fixture.startSdk());
    const record = await fixture.sdk.sync.wait(id);
    expect(record).toMatchObject({ status: "completed", interruptions: 1, pullRequestUrl: expect.any(String) });
    expect(pulls()).toHaveLength(1);
    expect(reviewersOf()).toEqual(["grace"]);
    await expectProposalIsKnown(record.pullRequestUrl);
  });

  /** Makes the next such request hang after it has taken effect. Resolves when it does. */
  function hangAfter(request: { operation?: string; method?: string; path?: RegExp }): Promise<void> {
    const { control } = fixture.box;
    control.fault({ ...request, when: "after", respond: "hang" });
    return new Promise((resolve) => {
      const off = control.afterRequest(({ operation, method, path }) => {
        const isIt = request.operation === undefined ? request.path?.test(path) : operation === request.operation;
        if (isIt !== true || (request.method ?? method) !== method) return;
        off();
        resolve();
      });
    });
  }

  /** Merges the pull request with an edit on top: only a known proposal keeps the edit. */
  async function expectProposalIsKnown(url: string | null): Promise<void> {
    const again = await fixture.sync({ strategy: "pull_request" });
    expect(again).toMatchObject({ filesSynced: 0, pullRequestUrl: url });
    await fixture.commit({ "main.tf": "1\nedited\n3\n" });
    Object.assign(firstPull(), { state: "closed", merged: true });
    expect(await fixture.sync({ strategy: "pull_request" })).toMatchObject({ filesSynced: 0, pullRequestUrl: null });
    expect(pulls()).toHaveLength(1);
  }
});
