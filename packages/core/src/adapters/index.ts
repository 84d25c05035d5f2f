export type { Baseline, BaselineChange, BaselineEntry, IgnoreFile, StagedChange } from "../domain/baseline.js";
export type { ConflictReason, ConflictResolution, ConflictStrategy, SyncConflict } from "../domain/conflict.js";
export type { FileMode, ProjectDirectory, ProjectEntry, ProjectFile, ProjectKey } from "../domain/project-file.js";
export type { BranchKey, ObjectId, RemoteEntry, SyncTarget } from "../domain/repository.js";
export { branchKeyText, syncTargetText } from "../domain/repository.js";
export type {
  PathStrategy,
  SyncAttempt,
  SyncMetrics,
  SyncOptions,
  SyncRecord,
  SyncRecordChange,
  SyncRecordDraft,
  SyncStatus,
  WriterName,
} from "../domain/sync-record.js";
export { newSyncRecord, SYNC_TRANSITIONS } from "../domain/sync-record.js";
export type { BaselineStore, StoredBaseline } from "./baseline-store.js";
export { type Clock, systemClock } from "./clock.js";
export type { JobRunner, SyncJob } from "./job-runner.js";
export type { Lease, LockStore } from "./lock-store.js";
export type { ProjectFileContent, ProjectFiles, ProjectFilesSession } from "./project-files.js";
export type { PubSub } from "./pub-sub.js";
export type {
  SyncHistoryPage,
  SyncHistoryQuery,
  SyncRecordStore,
  SyncSummary,
  SyncTransition,
} from "./sync-record-store.js";
