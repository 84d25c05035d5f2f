export type { SasOptions } from "./azure/auth/sas.js";
export { type AzureFilesBox, type AzureFilesBoxOptions, createAzureFilesBox } from "./azure/box.js";
export type { BoxFile, BoxShare } from "./azure/box-share.js";
export type { AzureControl, ReadHook } from "./azure/control/control.js";
export type { AzureFaultResponse, AzureFaultRule } from "./azure/control/fault.js";
export type { Throttle } from "./azure/control/throttle.js";
export type { AzureRequestInfo, RecordedAzureRequest } from "./azure/http/request-log.js";
export { ConnectionResetError } from "./box/fault-response.js";
export type { FaultResponse } from "./box/faults.js";
export type { BoxServer, ListenOptions } from "./box/node-server.js";
export type { Account, Permissions } from "./github/accounts/account.js";
export type { TokenOptions } from "./github/accounts/accounts.js";
export type { TokenKind } from "./github/accounts/credential.js";
export type { Profile } from "./github/accounts/profile.js";
export type { Reach, RepositoryIdentity } from "./github/accounts/reach.js";
export type { Role } from "./github/accounts/role.js";
export type { InstallOptions } from "./github/apps/apps.js";
export type { AppOptions, AppWebhook, GitHubApp } from "./github/apps/github-app.js";
export type { ByWhom, Installation } from "./github/apps/installation.js";
export {
  createGitHubBox,
  type GitHubBox,
  type GitHubBoxOptions,
  type GitHubBoxServer,
  type OrganizationOptions,
  type UserOptions,
} from "./github/box.js";
export type { AfterHook, BeforeHook, Control, Latency, Limits } from "./github/control/control.js";
export type { DeliveryFault, HeldDeliveries } from "./github/control/delivery-settings.js";
export type { FaultRule } from "./github/control/fault-rule.js";
export type { PrimaryLimit, SecondaryLimit } from "./github/control/rate-limits.js";
export type { RecordedRequest, RequestInfo } from "./github/control/request-log.js";
export type { CommitWithId } from "./github/git/history.js";
export type { FileMode } from "./github/git/tree.js";
export type { OAuthAppOptions, OAuthClient } from "./github/oauth/oauth-client.js";
export type { CreateRepositoryOptions } from "./github/repositories/repositories.js";
export type { BoxRepository, CommitOptions, FileChange, RepositoryFile } from "./github/repositories/repository.js";
export type { BranchRule, ClassicProtection } from "./github/repositories/rules.js";
export { announceSecret, SECRET_CHANNEL } from "./github/secret-channel.js";
export type {
  AppCreationOutcome,
  AuthorizationOutcome,
  InstallationOutcome,
  Installer,
  Visitor,
} from "./github/web/browser.js";
