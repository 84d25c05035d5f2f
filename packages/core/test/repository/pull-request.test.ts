import { afterEach, beforeEach, expect, it } from "vitest";
import { openPullRequest, readPullRequestState } from "../../src/repository/pull-request.js";
import { BoxedGitHub, failureOf, never } from "./boxed-github.js";

let github: BoxedGitHub;
const draft = { head: "sync/7", base: "main", title: "Sync", body: "What changed", draft: false };
const open = (change: Partial<typeof draft> = {}) =>
  openPullRequest(github.client, "octo/project", { ...draft, ...change }, never);

beforeEach(async () => {
  github = await BoxedGitHub.start();
  await github.repository.commit({ branch: "sync/7", files: { "a.txt": "a" } });
});
afterEach(() => github.close());

it("openPullRequest opens a pull request with one request", async () => {
  const pull = await open();
  expect(pull).toEqual({ number: 1, url: expect.stringContaining("/octo/project/pull/1"), isAsDrafted: true });
  expect(github.calls()).toEqual(["POST /repos/{owner}/{repo}/pulls"]);
  expect(github.repository.pulls).toMatchObject([{ title: "Sync" }]);
});

it("openPullRequest returns the open pull request for the same branches", async () => {
  await github.repository.commit({ branch: "sync/8", files: { "b.txt": "b" } });
  const first = await open();
  const other = await open({ head: "sync/8" });
  expect(await open({ title: "Again" })).toEqual(first);
  expect(other.number).not.toBe(first.number);
  expect(github.repository.pulls).toHaveLength(2);
});

it("openPullRequest throws github_rejected without changes or for a missing branch", async () => {
  await github.repository.commit({ branch: "sync/9", files: { "c.txt": "c" } });
  expect((await failureOf(open({ head: "nowhere" }))).code).toBe("github_rejected");
  expect((await failureOf(open({ head: "main" }))).code).toBe("github_rejected");
});

it("openPullRequest throws insufficient_permissions without the permission", async () => {
  const weak = github.clientFor({ kind: "installation", permissions: { contents: "write", metadata: "read" } });
  const error = await failureOf(openPullRequest(weak, "octo/project", draft, never));
  expect(error).toMatchObject({
    code: "insufficient_permissions",
    details: { acceptedPermissions: "pull_requests=write" },
  });
});

it("readPullRequestState distinguishes open, merged, closed and missing pull requests", async () => {
  const { number } = await open();
  const state = () => readPullRequestState(github.client, "octo/project", number, never);
  const [pull] = github.repository.pulls;
  expect(await state()).toBe("open");
  Object.assign(pull ?? {}, { state: "closed" });
  expect(await state()).toBe("closed");
  Object.assign(pull ?? {}, { merged: true });
  expect(await state()).toBe("merged");
  expect(await readPullRequestState(github.client, "octo/project", 99, never)).toBe("closed");
});
