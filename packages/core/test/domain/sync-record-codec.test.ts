import { decodeSyncRecord, encodeSyncRecord, newSyncRecord, type SyncRecord } from "@infrajet/github/adapters";
import { isGitHubSdkError } from "@infrajet/github/errors";
import { describe, expect, it } from "vitest";

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
    allowEmptyProject: false,
    author: { name: "Ada Lovelace", email: "ada@example.com" },
    coAuthors: [{ name: "Grace Hopper", email: "grace@example.com" }],
    pullRequest: { title: "Update", body: "Text", labels: ["infra"], reviewers: ["grace"], draft: true },
    protectedBranch: "pull_request",
    onConflict: "skip",
    allowRewrittenHistory: true,
    rateLimitDeadlineMs: 60_000,
    allowSecrets: ["keys/dev.pem"],
    reverts: { syncId: 3, commitId: "d".repeat(40) },
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
  filesPulled: 2,
  filesRemoved: 3,
  filesKept: 4,
  conflictsResolved: 1,
  conflicts: [
    {
      path: "main.tf",
      reason: "changed_on_both_sides",
      resolved: false,
      resolution: "ours",
      remoteOid: "b".repeat(40),
      remoteSize: 12,
      localOid: "c".repeat(40),
      baseOid: null,
      isBinary: true,
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

describe("the sync record codec", () => {
  it.each([FRESH, ENDED])("decodes a $status record from JSON", (record) => {
    expect(decodeSyncRecord(JSON.parse(JSON.stringify(encodeSyncRecord(record))))).toEqual(record);
  });

  it("decodes a record without options for pull requests, as earlier versions stored it", () => {
    const { pullRequest: _pullRequest, protectedBranch: _protectedBranch, ...options } = FRESH.options;
    expect(decodeSyncRecord({ ...encodeSyncRecord(FRESH), options }).options).toMatchObject({
      pullRequest: { title: null, body: null, labels: [], reviewers: [], draft: false },
      protectedBranch: "fail",
    });
  });

  it.each([
    null,
    {},
    { ...encodeSyncRecord(ENDED), status: "done" },
    { ...encodeSyncRecord(ENDED), createdAt: "yesterday" },
    { ...encodeSyncRecord(ENDED), error: { code: "no such code", message: "" } },
  ])("rejects the value %o, which is not an encoded record", (damaged) => {
    let thrown: unknown = null;
    try {
      decodeSyncRecord(damaged);
    } catch (error) {
      thrown = error;
    }
    expect(isGitHubSdkError(thrown, "store_failed")).toBe(true);
  });
});
