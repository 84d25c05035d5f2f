export type {
  Baseline,
  BaselineChange,
  BaselineEntry,
  IgnoreFile,
  JournaledChange,
  ProjectJournal,
  Proposal,
  ProposedChange,
  StagedChange,
} from "../domain/baseline.js";
export { decodeBaseline, decodeStagedChange, encodeBaseline, encodeStagedChange } from "../domain/baseline-codec.js";
export { type BlobIdentity, ContentFailure, hasContent, isContent, verifiedContent } from "../domain/blob-hash.js";
export type { ConflictReason, ConflictResolution, ConflictStrategy, SyncConflict } from "../domain/conflict.js";
export type {
  ClientName,
  Connection,
  ConnectionDraft,
  ConnectionKey,
  ConnectionToken,
  EncryptedText,
  GitHubAccountKey,
  TokenSet,
} from "../domain/connection.js";
export type { Delivery, DeliveryDraft, DeliveryStatus } from "../domain/delivery.js";
export { GITHUB_LIMITS, type RateResource } from "../domain/github-limits.js";
export { type HostUser, userIdText } from "../domain/host-user.js";
export { parseIdCursor } from "../domain/id-cursor.js";
export type {
  BindingProof,
  Installation,
  InstallationAccount,
  InstallationBinding,
  InstallationKey,
  InstallationRepository,
  InstallationRequest,
} from "../domain/installation.js";
export type { InstallationToken } from "../domain/installation-token.js";
export { keptPath, syncIdOf, writablePathProblem } from "../domain/kept-path.js";
export type { OAuthState } from "../domain/oauth-state.js";
export { assertPathSegment } from "../domain/path-segment.js";
export type {
  FileMode,
  ProjectDirectory,
  ProjectEntry,
  ProjectFile,
  ProjectKey,
} from "../domain/project-file.js";
export type { ProjectLink, ProjectLinkChange, ProjectLinkDraft, ProjectLinkKey } from "../domain/project-link.js";
export { projectLinkText } from "../domain/project-link.js";
export { decodeProjectLink, type EncodedProjectLink } from "../domain/project-link-codec.js";
export { assertLinkOptionsSize, MAX_LINK_OPTIONS_BYTES, tooManyLinks } from "../domain/project-link-limits.js";
export type { ProtectedBranchPolicy, PullRequestOptions } from "../domain/pull-request-options.js";
export type { BranchKey, ObjectId, RemoteEntry, SyncTarget } from "../domain/repository.js";
export { branchKeyText, syncTargetText } from "../domain/repository.js";
export type { RevertedSync } from "../domain/reverted-sync.js";
export type { ResolutionChoice, ResolutionDecision, StoredResolution } from "../domain/stored-resolution.js";
export { MAX_RESOLUTION_BYTES } from "../domain/stored-resolution.js";
export type {
  PathStrategy,
  StoredProgress,
  SyncAttempt,
  SyncDirection,
  SyncHistoryEntry,
  SyncMetrics,
  SyncOptions,
  SyncPriority,
  SyncRecord,
  SyncRecordChange,
  SyncRecordDraft,
  SyncStatus,
  UnfinishedSync,
  WriterName,
} from "../domain/sync-record.js";
export {
  latestOfBranches,
  newSyncRecord,
  SYNC_RECORD_VERSION,
  SYNC_TRANSITIONS,
  syncHistoryEntry,
  unfinishedSync,
} from "../domain/sync-record.js";
export { acceptsTransition, changedSyncRecord, isRunnable } from "../domain/sync-record-change.js";
export {
  decodeSyncHistoryEntry,
  decodeSyncRecord,
  decodeUnfinishedSync,
  type EncodedSyncRecord,
  encodeSyncRecord,
} from "../domain/sync-record-codec.js";
export { assertOptionsSize, MAX_OPTIONS_BYTES, tooManyPendingSyncs } from "../domain/sync-record-limits.js";
export { parseTextCursor, textCursor } from "../domain/text-cursor.js";
export { issueText, type SchemaIssue } from "../issue-text.js";
export type { AuthenticationRequest, Authenticator } from "./authenticator.js";
export type { BaselineStore, StoredBaseline } from "./baseline-store.js";
export { type Clock, systemClock } from "./clock.js";
export type {
  ConnectionPage,
  ConnectionStore,
  ReencryptedTokens,
  SaveConnectionResult,
} from "./connection-store.js";
export type {
  ClaimedDelivery,
  DeliveryClaim,
  DeliveryPage,
  DeliveryReceipt,
  DeliveryStore,
  DeliverySummary,
  EnqueueOptions,
} from "./delivery-store.js";
export type { InstallationStore } from "./installation-store.js";
export type { JobResult, JobRunner, JobRunnerHealth, SubmitJobOptions, SyncJob } from "./job-runner.js";
export type { LinkLimit, LinkPage, LinkStore } from "./link-store.js";
export type { Lease, LockStore } from "./lock-store.js";
export type {
  Expected,
  ExpectedFile,
  NewContent,
  ProjectFileContent,
  ProjectFiles,
  ProjectFilesSession,
  ProjectTraits,
  ProjectWriteSession,
  WritableProjectFiles,
  WriteOptions,
  Written,
} from "./project-files.js";
export type { PubSub } from "./pub-sub.js";
export type { RateBudget, RateObservation, RatePlace, RequestCost } from "./rate-budget.js";
export type { ResolutionStore } from "./resolution-store.js";
export type { SearchedFile, SecretDetector, SecretFinding } from "./secret-detector.js";
export type { StateStore } from "./state-store.js";
export type { GitHubSdkStores } from "./stores.js";
export type {
  PendingLimit,
  ProjectChanges,
  SyncHistoryPage,
  SyncHistoryQuery,
  SyncRecordStore,
  SyncSummary,
  SyncTransition,
} from "./sync-record-store.js";
export type { TokenCache, TokenCacheInstallation, TokenCacheKey } from "./token-cache.js";
export type { CipherContext, TokenCipher } from "./token-cipher.js";
