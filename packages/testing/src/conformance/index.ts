export { baselineStoreConformance } from "./baseline-store-conformance.js";
export type {
  ConformanceCase,
  ConformanceSubject,
  StoreSubject,
  SubjectFactory,
  TestClock,
} from "./conformance-case.js";
export { type JobRunnerSubject, jobRunnerConformance } from "./job-runner-conformance.js";
export { lockStoreConformance } from "./lock-store-conformance.js";
export { createManualClock, type ManualClock, type ManualClockOptions } from "./manual-clock.js";
export { type ProjectFilesSubject, projectFilesConformance } from "./project-files-conformance.js";
export { pubSubConformance } from "./pub-sub-conformance.js";
export { syncHistoryConformance } from "./sync-history-conformance.js";
export { syncRecordStoreConformance } from "./sync-record-store-conformance.js";
