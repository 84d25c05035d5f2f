import * as z from "zod";
import { ERROR_STATUS, type ErrorCode, GitHubSdkError } from "../errors.js";
import { DEFAULT_PULL_REQUEST } from "./pull-request-options.js";
import { RATE_LIMIT_DEADLINE_MS, type SyncHistoryEntry, type SyncRecord, type UnfinishedSync } from "./sync-record.js";

const strategy = z.enum(["fail", "merge", "ours", "theirs", "pull_request"]);
const writer = z.enum(["graphql", "git-data", "push"]);
const date = z.iso.datetime().transform((text) => new Date(text));
// Object.keys() returns string[]; `satisfies` on ERROR_STATUS guarantees the narrower type.
const errorCode = z.enum(Object.keys(ERROR_STATUS) as ErrorCode[]);

const person = z.object({ name: z.string(), email: z.string() });

const pullRequestSchema = z.object({
  title: z.string().nullable(),
  body: z.string().nullable(),
  labels: z.array(z.string()),
  reviewers: z.array(z.string()),
  draft: z.boolean(),
});

const optionsSchema = z.object({
  strategy,
  pathStrategies: z.array(z.object({ pattern: z.string(), strategy: strategy.exclude(["pull_request"]) })),
  message: z.string().nullable(),
  filePaths: z.array(z.string()).nullable(),
  deletePaths: z.array(z.string()).default([]),
  applyIgnoreRules: z.boolean().default(true),
  writer: z.enum([...writer.options, "auto"]),
  allowMassDeletion: z.boolean(),
  allowEmptyProject: z.boolean().default(false),
  deleteIgnored: z.boolean(),
  planHash: z.string().nullable(),
  author: person.nullable().default(null),
  coAuthors: z.array(person).default([]),
  pullRequest: pullRequestSchema.default({ ...DEFAULT_PULL_REQUEST, labels: [], reviewers: [] }),
  protectedBranch: z.enum(["fail", "pull_request"]).default("fail"),
  onConflict: z.enum(["stop", "skip"]).default("stop"),
  allowRewrittenHistory: z.boolean().default(false),
  rateLimitDeadlineMs: z.number().default(RATE_LIMIT_DEADLINE_MS),
  allowSecrets: z.array(z.string()).default([]),
  reverts: z.object({ syncId: z.int(), commitId: z.string() }).optional(),
});

const conflictSchema = z.object({
  path: z.string(),
  reason: z.enum([
    "changed_on_both_sides",
    "deleted_locally_changed_remotely",
    "changed_locally_deleted_remotely",
    "different_without_common_base",
    "path_is_a_directory_in_the_repository",
    "parent_is_a_file_in_the_repository",
    "submodule_in_the_repository",
    "path_is_a_directory_in_the_project",
    "parent_is_a_file_in_the_project",
  ]),
  resolved: z.boolean(),
  resolution: z.enum(["merge", "keep_change", "ours", "theirs", "pull_request", "content"]),
  remoteOid: z.string().nullable(),
  remoteSize: z.number().nullable(),
  localOid: z.string().nullable().default(null),
  baseOid: z.string().nullable().default(null),
  isBinary: z.boolean().default(false),
});

const attemptSchema = z.object({
  number: z.int(),
  mark: z.string(),
  writer,
  branch: z.string(),
  expectedHead: z.string().nullable(),
  commitId: z.string().nullable(),
  filesSynced: z.int(),
  filesDeleted: z.int(),
  outcome: z.enum(["unknown", "landed", "missing"]),
});

const progressSchema = z.object({
  phase: z.enum(["waiting", "reading", "comparing", "writing", "pulling", "finished"]),
  percentage: z.number(),
  currentFile: z.string().nullable(),
  filesCompleted: z.int(),
  totalFiles: z.int(),
  estimatedCompletion: z.number().nullable(),
});

/** The schema of a stored record. */
export const recordSchema = z.object({
  id: z.int(),
  userId: z.string(),
  projectId: z.string(),
  target: z.object({
    apiUrl: z.string(),
    repositoryId: z.int(),
    branch: z.string(),
    source: z.string(),
    directory: z.string(),
  }),
  repository: z.string(),
  options: optionsSchema,
  status: z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
  error: z.object({ code: errorCode, message: z.string() }).nullable(),
  commitId: z.string().nullable(),
  commitUrl: z.string().nullable(),
  pullRequestUrl: z.string().nullable(),
  writer: writer.nullable(),
  filesSynced: z.int(),
  filesDeleted: z.int(),
  filesPulled: z.int().default(0),
  filesRemoved: z.int().default(0),
  filesKept: z.int().default(0),
  conflictsResolved: z.int(),
  conflicts: z.array(conflictSchema),
  notes: z.array(z.string()),
  retryCount: z.int(),
  interruptions: z.int().default(0),
  direction: z.enum(["push", "pull", "two_way"]).default("push"),
  runsFrom: z.int().default(1),
  priority: z.enum(["interactive", "background"]).default("interactive"),
  holder: z.string().nullable().default(null),
  notBefore: date.nullable().default(null),
  waitingSince: date.nullable().default(null),
  coalesced: z.int().default(0),
  attempts: z.array(attemptSchema),
  progress: progressSchema.nullable().default(null),
  changeSeq: z.int().default(0),
  leaseToken: z.int(),
  createdAt: date,
  startedAt: date.nullable(),
  completedAt: date.nullable(),
  updatedAt: date,
}) satisfies z.ZodType<SyncRecord>;

const historyEntrySchema = recordSchema
  .omit({ options: true, conflicts: true, attempts: true })
  .extend({ planHash: z.string().nullable() }) satisfies z.ZodType<SyncHistoryEntry>;

const unfinishedSchema = recordSchema.pick({
  id: true,
  userId: true,
  projectId: true,
  target: true,
  status: true,
  createdAt: true,
  updatedAt: true,
  notBefore: true,
  holder: true,
}) satisfies z.ZodType<UnfinishedSync>;

/** A sync record as JSON, with times in ISO 8601. */
export type EncodedSyncRecord = Readonly<Record<string, unknown>>;

/** Encodes a record as JSON. */
export function encodeSyncRecord(record: SyncRecord): EncodedSyncRecord {
  const { createdAt, startedAt, completedAt, updatedAt, notBefore, waitingSince } = record;
  return {
    ...record,
    notBefore: notBefore?.toISOString() ?? null,
    waitingSince: waitingSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    completedAt: completedAt?.toISOString() ?? null,
    updatedAt: updatedAt.toISOString(),
  };
}

/** Decodes a record. @throws GitHubSdkError `store_failed` when it is damaged or of a newer version */
export function decodeSyncRecord(encoded: unknown): SyncRecord {
  return decode(recordSchema, encoded);
}

/** Decodes a record in a history. @throws GitHubSdkError `store_failed` when it is damaged or of a newer version */
export function decodeSyncHistoryEntry(encoded: unknown): SyncHistoryEntry {
  return decode(historyEntrySchema, encoded);
}

/** Decodes an unfinished record. @throws GitHubSdkError `store_failed` when it is damaged or of a newer version */
export function decodeUnfinishedSync(encoded: unknown): UnfinishedSync {
  return decode(unfinishedSchema, encoded);
}

function decode<Decoded>(schema: z.ZodType<Decoded>, encoded: unknown): Decoded {
  const parsed = schema.safeParse(encoded);
  if (parsed.success) return parsed.data;
  throw new GitHubSdkError(
    "store_failed",
    "A stored sync record cannot be decoded: it is damaged, or a newer version of the SDK wrote it. Restore it from a backup, or delete it.",
    { cause: parsed.error },
  );
}
