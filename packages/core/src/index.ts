export type { AppHealth, HealthCheck } from "./app/app-health.js";
export type { JwtToSign, SignJwt } from "./app/app-jwt.js";
export {
  type AppManifest,
  type AppManifestOptions,
  appManifest,
  isLoopback,
  manifestFormUrl,
} from "./app/app-manifest.js";
export type { AppRepository } from "./app/app-repository.js";
export type { AuthorizeInstallation, WrittenFiles } from "./app/app-services.js";
export { appEnvironment, type ConvertManifestRequest, type CreatedApp, convertManifest } from "./app/created-app.js";
export type { FilesToWrite, FileToWrite } from "./app/files-to-write.js";
export type {
  AccessQuery,
  AccessReport,
  CreateRepositoryRequest,
  FilesRequest,
  GitHubApp,
  InstallationClaim,
  InstallationRepositoryOptions,
  InstallLink,
  InstallLinkRequest,
  UncheckedApp,
} from "./app/github-app.js";
export type { InstallationMembers } from "./app/installation-members.js";
export type { InstallationRepositoryPage } from "./app/installation-repositories.js";
export type { PendingInstallation } from "./app/installation-requests.js";
export type { InstallationTokenRequest } from "./app/installation-tokens.js";
export type { NewRepository, RepositoryVisibility } from "./app/new-repository.js";
export type { GitHubAppOptions, OAuthAppOptions, OAuthClientOptions, WebhookOptions } from "./app-options.js";

export type {
  AuthorizationCallback,
  AuthorizeRequest,
  BrowserCallback,
  StartedAuthorization,
  UserCallback,
} from "./connections/authorizations.js";
export { type BrowserBinding, newBrowserBinding } from "./connections/browser-binding.js";
export type { ConnectionStatus } from "./connections/connection-status.js";
export type {
  AuthorizeDeviceRequest,
  BranchPageOptions,
  ConnectedAccount,
  Connections,
  Disconnected,
  DisconnectOptions,
  RepositoryPageOptions,
} from "./connections/connections.js";
export type { DeviceCode, DeviceRequest } from "./connections/device-authorization.js";
export {
  createDeviceFlow,
  type DeviceFlow,
  type DeviceFlowOptions,
} from "./connections/device-flow.js";
export type { IssuedToken } from "./connections/issued-token.js";
export { type Keyring, type KeyringKey, parseKeyring } from "./connections/keyring.js";
export { keyringCipher } from "./connections/keyring-cipher.js";
export type { ReencryptionOptions, ReencryptionProgress } from "./connections/token-reencryption.js";
export type { BranchPage, UserBranch } from "./connections/user-branches.js";
export type { UserProfile } from "./connections/user-profile.js";
export type { RepositoryOwner, RepositoryPage, UserRepository } from "./connections/user-repositories.js";
export type { UserCredential } from "./connections/user-tokens.js";
export type { DoctorFinding, DoctorReport } from "./doctor/finding.js";
export type { CommitAuthor } from "./domain/commit-author.js";
export type { InstallationToken } from "./domain/installation-token.js";
export { type EnvironmentOptions, optionsFromEnv } from "./environment.js";
export { ERROR_STATUS, type ErrorCode, type ErrorOptions, GitHubSdkError, isGitHubSdkError } from "./errors.js";
export type {
  AccessEvent,
  ConnectionEvent,
  ConnectionScopesEvent,
  ConnectionTokenEvent,
  CredentialLimitedEvent,
  InstallationEvent,
  InstallationRequestEvent,
  ProjectChangedEvent,
  PushEvent,
  RepositoryChangedEvent,
  RepositoryEvent,
  RepositoryRenamedEvent,
  SdkEventName,
  SdkEvents,
  SyncDueEvent,
  SyncEvent,
  SyncProgress,
  WebhooksSweptEvent,
} from "./events.js";
export { type Credential, tokenCredential } from "./github/credential.js";
export type { GitHubSdk } from "./github-sdk.js";
export { type LogFields, type Logger, silentLogger } from "./logger.js";
export { type NamedError, renameOptions } from "./option-names.js";
export type { GitHubSdkOptions } from "./options.js";
export type { Readiness, ReadinessCheck } from "./readiness.js";
export type { ChangeCursor } from "./realtime/change-cursor.js";
export type { Realtime, RealtimeClient, RealtimeConnection } from "./realtime/realtime.js";
export type { ProjectMessage, RealtimeCommand, RealtimeMessage } from "./realtime/realtime-message.js";
export type { ClosingReason, RealtimeSocket } from "./realtime/realtime-socket.js";
export type { RealtimeGrant, RealtimeTicket, RealtimeTickets } from "./realtime/realtime-tickets.js";
export type { SignCommit } from "./repository/sign-commit.js";
export { createGitHubSdk } from "./sdk.js";
export { Secret } from "./secret.js";
export { recommendedSecretDetector } from "./secrets/recommended-detector.js";
export type { ConflictContent, ConflictSide } from "./sync/conflicts/conflict-content.js";
export type { ConflictDecision, ConflictVersions } from "./sync/conflicts/conflict-resolver.js";
export type { ConflictTarget } from "./sync/conflicts/conflict-target.js";
export type { OpenConflict } from "./sync/conflicts/open-conflict.js";
export type { LinkRequest, UnlinkRequest } from "./sync/link/link-request.js";
export {
  changeSummary,
  formatPlan,
  type PlannedChange,
  type PlannedSecret,
  type RemoteChange,
  type SyncPlan,
  type UnsupportedPath,
} from "./sync/plan/plan.js";
export type { GitHubSdkAuth } from "./sync/record/sync-auth.js";
export type { SyncOwner } from "./sync/record/sync-owner.js";
export type { PathStrategies, SyncRequest } from "./sync/sync-request.js";
export type { WaitOptions } from "./sync/sync-waiter.js";
export type {
  CallOptions,
  ConflictContentOptions,
  ResubmitOptions,
  SubmitOptions,
  SyncHistoryOptions,
  Syncs,
} from "./sync/syncs.js";
export type { RecoverOptions, WebhookRecovery } from "./webhooks/delivery-log.js";
export type { WebhookContext, WebhookHandler } from "./webhooks/webhook-handlers.js";
export type { WebhookRequest } from "./webhooks/webhook-request.js";
export type { FailedDeliveriesOptions, WebhookHealth, WebhookResult, Webhooks } from "./webhooks/webhooks.js";
