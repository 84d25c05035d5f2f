import { expect, it } from "vitest";
import { tokenCredential } from "../../src/github/credential.js";
import type { GitHubClient } from "../../src/github/github-client.js";
import { createGitHubClients } from "../../src/github/github-clients.js";
import type { BranchView } from "../../src/repository/branch-view.js";
import { RepositoryCache } from "../../src/repository/repository-cache.js";
import { ManualClock } from "../github/manual-clock.js";

const clients = createGitHubClients({ apiUrl: "http://127.0.0.1:1", userAgent: "test" });
const mine: GitHubClient = clients.for(tokenCredential("mine"));
const place = { branch: "main", directory: "" };
const view: BranchView = {
  repository: { id: 1, nodeId: "R", fullName: "o/r", htmlUrl: "", isEmpty: false, defaultBranch: "main" },
  branch: "main",
  head: "1".repeat(40),
  start: "1".repeat(40),
  rootTree: "2".repeat(40),
  directoryTree: "2".repeat(40),
  permissions: { canPush: true, canWriteWorkflows: null, blockingRule: null, requiresSignatures: false },
  author: { name: "octo", email: "1+octo@users.noreply.github.com" },
};

it("RepositoryCache keeps a view for five minutes, whatever the case of the name", () => {
  const clock = new ManualClock();
  const cache = new RepositoryCache(clock);
  expect(cache.get(mine, "o/r", place)).toBeNull();
  cache.put(mine, "o/r", place, view);
  const headReadAt = clock.now();
  clock.advance(300_000);
  expect(cache.get(mine, "O/R", place)).toEqual({ view, headReadAt });
  clock.advance(1);
  expect(cache.get(mine, "o/r", place)).toBeNull();
});

it("RepositoryCache separates credentials, branches and directories", () => {
  const cache = new RepositoryCache(new ManualClock());
  cache.put(mine, "o/r", place, view);
  expect(cache.get(clients.for(tokenCredential("theirs")), "o/r", place)).toBeNull();
  expect(cache.get(mine, "o/r", { ...place, branch: "Main" })).toBeNull();
  expect(cache.get(mine, "o/r", { ...place, directory: "docs" })).toBeNull();
  expect(cache.get(mine, "o/r2", place)).toBeNull();
});

it("RepositoryCache.forget removes all views of one repository", () => {
  const cache = new RepositoryCache(new ManualClock());
  const docs = { ...place, directory: "docs" };
  for (const name of ["o/r", "o/r2"]) for (const where of [place, docs]) cache.put(mine, name, where, view);
  cache.forget(mine, "O/R");
  expect([place, docs].map((where) => cache.get(mine, "o/r", where))).toEqual([null, null]);
  expect(cache.get(mine, "o/r2", docs)).not.toBeNull();
});

it("RepositoryCache evicts the oldest view when there are too many", () => {
  const cache = new RepositoryCache(new ManualClock());
  for (let index = 0; index <= 1000; index += 1) cache.put(mine, `o/r${index}`, place, view);
  expect(cache.get(mine, "o/r0", place)).toBeNull();
  expect(cache.get(mine, "o/r1", place)).not.toBeNull();
});

it("RepositoryCache keeps blocked writers for five minutes, per credential and repository", () => {
  const clock = new ManualClock();
  const cache = new RepositoryCache(clock);
  cache.block(mine, "o/r", "push");
  cache.forget(mine, "o/r");
  clock.advance(300_000);
  expect([...cache.blockedWriters(mine, "O/R")]).toEqual(["push"]);
  expect(cache.blockedWriters(mine, "o/r2").size).toBe(0);
  expect(cache.blockedWriters(clients.for(tokenCredential("theirs")), "o/r").size).toBe(0);
  clock.advance(1);
  expect(cache.blockedWriters(mine, "o/r").size).toBe(0);
});
