import type { ClientName } from "../domain/connection.js";
import type { AuthorizeRequest, BrowserCallback, StartedAuthorization, UserCallback } from "./authorizations.js";
import type { ConnectionStatus } from "./connection-status.js";
import type { DeviceRequest } from "./device-authorization.js";
import type { ReencryptionOptions, ReencryptionProgress } from "./token-reencryption.js";
import type { BranchPage } from "./user-branches.js";
import type { UserProfile } from "./user-profile.js";
import type { RepositoryPage, UserRepository } from "./user-repositories.js";
import type { UserCredential } from "./user-tokens.js";

/** The options of {@link Connections.repositories}. */
export interface RepositoryPageOptions {
  /** Starts at 1. Defaults to 1. */
  readonly page?: number;
  /** 1 to 100. Defaults to 30. */
  readonly perPage?: number;
}

/** The options of {@link Connections.branches}. */
export interface BranchPageOptions extends RepositoryPageOptions {
  /** Only branches whose name contains this text, regardless of case. Defaults to all. */
  readonly search?: string;
}

/** A request to connect a user without a browser that receives the callback. */
export interface AuthorizeDeviceRequest extends DeviceRequest, Pick<AuthorizeRequest, "userId" | "client" | "scopes"> {}

/** The options of {@link Connections.disconnect}. */
export interface DisconnectOptions {
  /** Revokes the user's tokens, the whole grant of the app (all its tokens), or nothing. Defaults to `"token"`. */
  readonly revoke?: "token" | "grant" | false;
}

/** The result of a disconnect. */
export interface Disconnected {
  readonly login: string;
  /** `true` when GitHub no longer accepts any of the connection's tokens. */
  readonly tokenRevoked: boolean;
}

/** A host user's GitHub account. */
export interface ConnectedAccount {
  readonly userId: string;
  readonly githubUserId: number;
  readonly login: string;
}

/** The connections of host users to GitHub accounts. */
export interface Connections {
  /** The option `redirectUri`; `null` when GitHub uses the callback URL of the app. */
  readonly redirectUri: string | null;
  /**
   * Starts an authorization: redirect the browser to `url`. It can be completed once, within 10 minutes.
   *
   * @throws GitHubSdkError `capability_not_configured`, `validation_failed`
   * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#web-application-flow
   */
  authorize(request: AuthorizeRequest): Promise<StartedAuthorization>;
  /**
   * Completes an authorization that this user started, and returns the profile of the connected GitHub account.
   *
   * @throws GitHubSdkError `invalid_state`, `oauth_failed`, `oauth_misconfigured`, `authorization_denied`,
   * `github_account_taken`, `github_unavailable`; `installation_not_yours` when the callback names an installation that the
   * user does not own, in which case the account is connected nevertheless
   */
  complete(callback: UserCallback): Promise<UserProfile>;
  /**
   * Completes an authorization that the browser with this cookie started, for the user who was signed in at that time.
   *
   * @throws GitHubSdkError as {@link complete}
   */
  completeInBrowser(callback: BrowserCallback): Promise<UserProfile>;
  /**
   * Connects the user of a program without a browser, such as a command-line program: the user enters a code on GitHub. Waits
   * at most until the code expires, after 15 minutes. The app needs Enable Device Flow in its settings on GitHub.
   *
   * @throws GitHubSdkError `authorization_denied`, `oauth_failed` when the code has expired, and as {@link complete}; the signal's reason
   * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
   */
  authorizeDevice(request: AuthorizeDeviceRequest): Promise<UserProfile>;
  /** Returns the user's connection status. It resolves even when GitHub is unreachable. */
  status(userId: string): Promise<ConnectionStatus>;
  /**
   * Returns one page of the repositories that the user can access.
   *
   * @throws GitHubSdkError `validation_failed`, `github_not_connected`, `reauth_required`, and the errors of GitHub requests
   */
  repositories(userId: string, options?: RepositoryPageOptions): Promise<RepositoryPage>;
  /**
   * Returns one repository as the user sees it.
   *
   * @param fullName `owner/name`
   * @throws GitHubSdkError `repository_not_found`, and as {@link repositories}
   */
  repository(userId: string, fullName: string): Promise<UserRepository>;
  /**
   * Returns one page of a repository's branches. A search reads the first 5,000 branches at most.
   *
   * @param fullName `owner/name`
   * @throws GitHubSdkError as {@link repository}
   */
  branches(userId: string, fullName: string, options?: BranchPageOptions): Promise<BranchPage>;
  /**
   * Returns a credential for requests as the user: of the named app, or of the first app whose token GitHub accepts.
   *
   * @throws GitHubSdkError `github_not_connected`, `reauth_required`
   */
  credential(userId: string, client?: ClientName): Promise<UserCredential>;
  /** Returns the GitHub account that the user is connected to, or `null`. */
  account(userId: string): Promise<ConnectedAccount | null>;
  /** Returns the connection of a GitHub account, by GitHub's numeric user ID, or `null`. */
  accountOfGitHubUser(githubUserId: number): Promise<ConnectedAccount | null>;
  /**
   * Removes the connection: revokes its tokens at GitHub, deletes them here, and frees the account for another user. It
   * succeeds even when GitHub is unreachable; `tokenRevoked` is `false` then.
   *
   * @throws GitHubSdkError `github_not_connected`
   */
  disconnect(userId: string, options?: DisconnectOptions): Promise<Disconnected>;
  /** Re-encrypts every stored token with the first key of the keyring. Can be interrupted and continued. */
  reencrypt(options?: ReencryptionOptions): Promise<ReencryptionProgress>;
}
