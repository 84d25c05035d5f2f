export { type AuthenticatorSubject, authenticatorConformance, type KnownUser } from "./authenticator-conformance.js";
export { baselineStoreConformance } from "./baseline-store-conformance.js";
export type {
  ConformanceCase,
  ConformanceSubject,
  StoreSubject,
  SubjectFactory,
  TestClock,
} from "./conformance-case.js";
export { connectionStoreConformance } from "./connection-store-conformance.js";
export { deliveryStoreConformance } from "./delivery-store-conformance.js";
export { installationStoreConformance } from "./installation-store-conformance.js";
export { type JobRunnerSubject, jobRunnerConformance } from "./job-runner-conformance.js";
export { linkStoreConformance } from "./link-store-conformance.js";
export { lockStoreConformance } from "./lock-store-conformance.js";
export { createManualClock, type ManualClock, type ManualClockOptions } from "./manual-clock.js";
export { type ProjectFilesSubject, projectFilesConformance } from "./project-files-conformance.js";
export { projectWriteConformance } from "./project-write-conformance.js";
export type { ProjectWriteSubject } from "./project-write-subject.js";
export { pubSubConformance } from "./pub-sub-conformance.js";
export { rateBudgetConformance } from "./rate-budget-conformance.js";
export { resolutionStoreConformance } from "./resolution-store-conformance.js";
export { type SharedJobRunnerSubject, sharedJobRunnerConformance } from "./shared-job-runner-conformance.js";
export { stateStoreConformance } from "./state-store-conformance.js";
export { syncChangesConformance } from "./sync-changes-conformance.js";
export { syncHistoryConformance } from "./sync-history-conformance.js";
export { syncRecordStoreConformance } from "./sync-record-store-conformance.js";
export { syncSchedulingConformance } from "./sync-scheduling-conformance.js";
export { tokenCacheConformance } from "./token-cache-conformance.js";
export { type TokenCipherSubject, tokenCipherConformance } from "./token-cipher-conformance.js";
