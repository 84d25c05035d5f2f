import { decodeSyncRecord, encodeSyncRecord, newSyncRecord, type SyncRecord } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import { expect, it } from "vitest";

const time = (milliseconds: number): Date => new Date(1_772_359_200_000 + milliseconds);

const FRESH = newSyncRecord(7, {
  userId: "7",
  projectId: "network",
  target: {
    apiUrl: "https://api.github.com",
    repositoryId: 1,
    branch: "main",
    source: "project:7/network",
    directory: "",
  },
  repository: "octocat/Hello-World",
  options: {
    strategy: "pull_request",
    pathStrategies: [{ pattern: "*.md", strategy: "theirs" }],
    message: null,
    filePaths: ["main.tf"],
    writer: "auto",
    allowMassDeletion: true,
    deleteIgnored: false,
    deletePaths: ["old.tf"],
    applyIgnoreRules: true,
    planHash: "f".repeat(64),
  },
  createdAt: time(1),
});

const ENDED: SyncRecord = {
  ...FRESH,
  status: "failed",
  error: { code: "conflicts", message: "main.tf" },
  commitId: "a".repeat(40),
  commitUrl: "https://github.com/octocat/Hello-World/commit/a",
  pullRequestUrl: "https://github.com/octocat/Hello-World/pull/1",
  writer: "git-data",
  filesSynced: 3,
  filesDeleted: 1,
  conflictsResolved: 1,
  conflicts: [
    {
      path: "main.tf",
      reason: "changed_on_both_sides",
      resolved: false,
      resolution: "ours",
      remoteOid: "b".repeat(40),
      remoteSize: 12,
    },
  ],
  notes: ["one"],
  retryCount: 2,
  attempts: [
    {
      number: 1,
      mark: "0a1b2c3d4e5f6071",
      writer: "push",
      branch: "main",
      expectedHead: null,
      commitId: null,
      filesSynced: 3,
      filesDeleted: 1,
      outcome: "unknown",
    },
  ],
  leaseToken: 4,
  startedAt: time(2),
  completedAt: time(3),
  updatedAt: time(4),
};

it.each([FRESH, ENDED])("gives back a record that went through JSON ($status)", (record) => {
  expect(decodeSyncRecord(JSON.parse(JSON.stringify(encodeSyncRecord(record))))).toEqual(record);
});

it.each([
  null,
  {},
  { ...encodeSyncRecord(ENDED), status: "done" },
  { ...encodeSyncRecord(ENDED), createdAt: "yesterday" },
  { ...encodeSyncRecord(ENDED), error: { code: "no such code", message: "" } },
])("refuses what is no record", (damaged) => {
  let thrown: unknown = null;
  try {
    decodeSyncRecord(damaged);
  } catch (error) {
    thrown = error;
  }
  expect(isGitHubSdkError(thrown, "store_failed")).toBe(true);
});
