import type {
  Baseline,
  JournaledChange,
  StagedChange,
  SyncAttempt,
  SyncOptions,
  SyncRecordChange,
  SyncRecordDraft,
  SyncTarget,
} from "@infrajet/github/adapters";

/** The largest id that a JSON number can represent exactly. */
export const LARGEST_ID = Number.MAX_SAFE_INTEGER;

/** Unusual names that a store or source may confuse or change. */
export const ODD_NAMES: readonly string[] = [
  "two words",
  "100%25 done",
  "a#b",
  "a+b&c=d",
  ".hidden",
  "it's",
  "Caf\u00e9 NFC",
  "Cafe\u0301 NFD",
  "\u6a21\u5757",
  "\u{1f600}",
  "__proto__",
];

/** Returns an object id of one repeated digit. */
export function oid(digit: string): string {
  return digit.repeat(40);
}

/** Returns a sync target with defaults for all fields. */
export function sampleTarget(overrides: Partial<SyncTarget> = {}): SyncTarget {
  return {
    apiUrl: "https://api.github.com",
    repositoryId: 1_296_269,
    branch: "main",
    source: "project:7/network",
    directory: "",
    ...overrides,
  };
}

/** Returns the default options of a sync. */
export function sampleOptions(overrides: Partial<SyncOptions> = {}): SyncOptions {
  return {
    strategy: "merge",
    pathStrategies: [],
    message: null,
    filePaths: null,
    deletePaths: [],
    applyIgnoreRules: true,
    writer: "auto",
    allowMassDeletion: false,
    deleteIgnored: false,
    planHash: null,
    allowEmptyProject: false,
    author: null,
    coAuthors: [],
    pullRequest: { title: null, body: null, labels: [], reviewers: [], draft: false },
    protectedBranch: "fail",
    onConflict: "stop",
    allowRewrittenHistory: false,
    rateLimitDeadlineMs: 86_400_000,
    allowSecrets: [],
    ...overrides,
  };
}

/** Returns a draft of a sync record with defaults for all fields. */
export function sampleDraft(overrides: Partial<SyncRecordDraft> = {}): SyncRecordDraft {
  return {
    userId: "7",
    projectId: "network",
    target: sampleTarget(),
    repository: "octocat/Hello-World",
    options: sampleOptions(),
    createdAt: new Date("2026-03-01T10:00:00.123Z"),
    ...overrides,
  };
}

const ATTEMPTS: readonly SyncAttempt[] = [
  {
    number: 1,
    mark: "0a1b2c3d4e5f6071",
    writer: "push",
    branch: "main",
    expectedHead: null,
    commitId: oid("b"),
    filesSynced: 3,
    filesDeleted: 1,
    outcome: "missing",
  },
  {
    number: 2,
    mark: "f00dfeed00112233",
    writer: "graphql",
    branch: "main",
    expectedHead: oid("c"),
    commitId: null,
    filesSynced: 3,
    filesDeleted: 1,
    outcome: "unknown",
  },
];

/** Returns a change of every field that a change can write, with unusual values. */
export function fullChange(): Required<SyncRecordChange> {
  return {
    repository: "octocat/Renamed",
    error: { code: "conflicts", message: "2 files \u2013 \u201cmain.tf\u201d and 'x' \u{1f600}" },
    commitId: "f".repeat(64),
    commitUrl: `https://github.com/octocat/Renamed/commit/${"f".repeat(64)}`,
    pullRequestUrl: "https://github.com/octocat/Renamed/pull/1",
    writer: "git-data",
    filesSynced: 10_000,
    filesDeleted: 3,
    filesPulled: 12,
    filesRemoved: 4,
    filesKept: 5,
    conflictsResolved: 2,
    conflicts: [
      {
        path: "modules/vpc/Cafe\u0301.tf",
        reason: "changed_on_both_sides",
        resolved: false,
        resolution: "ours",
        remoteOid: oid("a"),
        remoteSize: 4_294_967_296,
        localOid: oid("d"),
        baseOid: oid("e"),
        isBinary: true,
      },
      {
        path: "b",
        reason: "deleted_locally_changed_remotely",
        resolved: true,
        resolution: "keep_change",
        remoteOid: null,
        remoteSize: null,
        localOid: null,
        baseOid: null,
        isBinary: false,
      },
    ],
    notes: ["first", "", "line\nbreak"],
    retryCount: 2,
    interruptions: 1,
    priority: "background",
    notBefore: new Date("2026-03-01T10:05:00.007Z"),
    waitingSince: new Date("2026-03-01T10:00:02.008Z"),
    coalesced: 3,
    progress: {
      ...{ phase: "writing", percentage: 82, currentFile: "modules/vpc/Cafe\u0301.tf" },
      ...{ filesCompleted: 3, totalFiles: 10_000, estimatedCompletion: 1_772_359_200_123 },
    },
    attempts: ATTEMPTS,
    startedAt: new Date("2026-03-01T10:00:01.001Z"),
    completedAt: new Date("2026-03-01T10:00:03.999Z"),
    updatedAt: new Date("2026-03-01T10:00:04.000Z"),
  };
}

/** Returns a baseline with defaults for all fields. */
export function sampleBaseline(overrides: Partial<Baseline> = {}): Baseline {
  return {
    head: oid("1"),
    rootTree: oid("2"),
    previousHead: oid("3"),
    etag: 'W/"abc"',
    savedAt: 1_772_359_200_123,
    entries: new Map([
      ["main.tf", { mode: "100644", oid: oid("4"), versionTag: "0x8D1234" }],
      ["bin/run", { mode: "100755", oid: oid("5"), versionTag: null }],
    ]),
    remote: new Map([
      ["main.tf", { mode: "100644", oid: oid("4") }],
      ["vendor", { mode: "160000", oid: oid("6") }],
    ]),
    contents: new Map([[oid("4"), Uint8Array.from({ length: 256 }, (_, byte) => byte)]]),
    ignoreFiles: new Map([[".gitignore", { versionTag: null, text: "*.tfstate\n" }]]),
    journal: { syncId: 12, operation: "12/3", changes: new Map([["main.tf", sampleJournaledChange()]]) },
    checkedHead: oid("8"),
    ...overrides,
  };
}

function sampleJournaledChange(): JournaledChange {
  return {
    before: null,
    after: { mode: "100644", oid: oid("9") },
    base: { mode: "100644", oid: oid("a") },
    keep: true,
  };
}

/** Returns a staged change with defaults for all fields. */
export function sampleStaged(overrides: Partial<StagedChange> = {}): StagedChange {
  return {
    syncId: 12,
    attempt: 1,
    change: {
      entries: new Map([
        ["main.tf", { mode: "100644", oid: oid("7"), versionTag: "v2" }],
        ["gone", null],
      ]),
      writes: new Map([
        ["main.tf", { mode: "100644", oid: oid("7") }],
        ["gone", null],
      ]),
      contents: new Map([[oid("7"), new Uint8Array([0, 255, 10])]]),
    },
    ...overrides,
  };
}
