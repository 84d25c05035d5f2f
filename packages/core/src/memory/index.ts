export { MemoryAuthenticator } from "./memory-authenticator.js";
export { MemoryBaselineStore } from "./memory-baseline-store.js";
export { MemoryConnectionStore } from "./memory-connection-store.js";
export { MemoryDeliveryStore } from "./memory-delivery-store.js";
export { MemoryInstallationStore } from "./memory-installation-store.js";
export { MemoryJobRunner, type MemoryJobRunnerOptions } from "./memory-job-runner.js";
export { MemoryLinkStore } from "./memory-link-store.js";
export { MemoryLockStore } from "./memory-lock-store.js";
export {
  type MemoryFile,
  type MemoryFileTree,
  MemoryProjectFiles,
  type MemoryProjectFilesOptions,
} from "./memory-project-files.js";
export { MemoryPubSub } from "./memory-pub-sub.js";
export { MemoryRateBudget } from "./memory-rate-budget.js";
export { MemoryResolutionStore } from "./memory-resolution-store.js";
export { MemoryStateStore } from "./memory-state-store.js";
export { type MemoryStoresOptions, memoryStores } from "./memory-stores.js";
export { MemorySyncRecordStore } from "./memory-sync-record-store.js";
export { MemoryTokenCache } from "./memory-token-cache.js";
export { MemoryTokenCipher } from "./memory-token-cipher.js";
