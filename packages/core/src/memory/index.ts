export { MemoryBaselineStore } from "./memory-baseline-store.js";
export { MemoryJobRunner, type MemoryJobRunnerOptions } from "./memory-job-runner.js";
export { MemoryLockStore } from "./memory-lock-store.js";
export { type MemoryFile, type MemoryFileTree, MemoryProjectFiles } from "./memory-project-files.js";
export { MemoryPubSub } from "./memory-pub-sub.js";
export { MemorySyncRecordStore } from "./memory-sync-record-store.js";
