import type { ClientName, Connection, ConnectionKey } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";
import {
  type AuthorizationCallback,
  Authorizations,
  type AuthorizeRequest,
  type BrowserCallback,
  type InstallRequest,
  type StartedAuthorization,
  type UserCallback,
} from "./authorizations.js";
import { errorFromSlug, noConnection } from "./connection-errors.js";
import type { ConnectionServices } from "./connection-services.js";
import { type ConnectionStatus, ConnectionStatuses } from "./connection-status.js";
import { OAuthApi } from "./oauth-api.js";
import { Revocation } from "./revocation.js";
import { SignIn } from "./sign-in.js";
import { TokenMarker } from "./token-marker.js";
import { type ReencryptionOptions, type ReencryptionProgress, reencryptTokens } from "./token-reencryption.js";
import { TokenRefresher } from "./token-refresher.js";
import { heldTokens, TokenVault } from "./token-vault.js";
import type { UserProfile } from "./user-profile.js";
import { type RepositoryPage, UserRepositories, type UserRepository } from "./user-repositories.js";
import { type UserCredential, UserTokens } from "./user-tokens.js";

/** The options of {@link ConnectionEngine.disconnect}. */
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

/** The result of checking an account's tokens at GitHub. */
export interface RevocationOutcome {
  readonly account: ConnectedAccount;
  /** `true` when GitHub no longer accepts any of them: the user must authorize again. */
  readonly revoked: boolean;
}

// Shorter than the timeout of API requests, since callers and other processes wait for a token refresh.
const OAUTH_TIMEOUT_MS = 10_000;
const MAINTENANCE_INTERVAL_MS = 10 * 60_000;

/** Connects host users with GitHub accounts and stores their tokens. */
export class ConnectionEngine {
  readonly #services: ConnectionServices;
  readonly #closing = new AbortController();
  readonly #authorizations: Authorizations;
  readonly #vault: TokenVault;
  readonly #tokens: UserTokens;
  readonly #revocation: Revocation;
  readonly #signIn: SignIn;
  readonly #repositories: UserRepositories;
  readonly #statuses: ConnectionStatuses;
  readonly #maintenance: Promise<void>;

  constructor(services: ConnectionServices) {
    const { apiUrl, serverUrl, clock } = services;
    const closing = this.#closing.signal;
    const timeout = Math.min(services.requestTimeout, OAUTH_TIMEOUT_MS);
    const api = new OAuthApi({ apiUrl, serverUrl, clock, timeout, closing });
    const vault = new TokenVault(services.cipher);
    const marker = new TokenMarker(services);
    const refresher = new TokenRefresher({ ...services, api, vault, marker, requestTimeout: timeout, closing });
    this.#services = services;
    this.#authorizations = new Authorizations(services);
    this.#vault = vault;
    this.#tokens = new UserTokens({ ...services, api, vault, marker, refresher });
    this.#revocation = new Revocation({ ...services, api, vault, tokens: this.#tokens });
    this.#signIn = new SignIn({ ...services, api, vault, revocation: this.#revocation, closing });
    this.#repositories = new UserRepositories(services.clients, clock);
    this.#statuses = new ConnectionStatuses({
      ...services,
      tokens: this.#tokens,
      repositories: this.#repositories,
      closing,
    });
    this.#maintenance = this.#runMaintenance();
  }

  /**
   * Starts an authorization: redirect the browser to `url`. It can be completed once, within 10 minutes.
   *
   * @throws GitHubSdkError `capability_not_configured`, `validation_failed`
   * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#web-application-flow
   */
  authorize(request: AuthorizeRequest): Promise<StartedAuthorization> {
    return this.#authorizations.begin(request);
  }

  /**
   * Stores a state for the GitHub App's install page, where GitHub also asks the user to authorize the App.
   *
   * @throws GitHubSdkError `capability_not_configured`, `validation_failed`
   */
  beginInstall(request: InstallRequest): Promise<string> {
    return this.#authorizations.beginInstall(request);
  }

  /**
   * Completes an authorization that this user started, and returns the profile of the connected GitHub account.
   *
   * @throws GitHubSdkError `invalid_state`, `oauth_failed`, `oauth_misconfigured`, `authorization_denied`,
   * `github_account_taken`, `github_unavailable`; `installation_not_yours` when the callback names an installation that the
   * user does not own, in which case the account is connected nevertheless
   */
  async complete({ userId, ...callback }: UserCallback): Promise<UserProfile> {
    return this.#complete(callback, () => this.#authorizations.take(userId, callback.state));
  }

  /**
   * Completes an authorization that the browser with this cookie started, for the user who was signed in at that time.
   *
   * @throws GitHubSdkError as {@link complete}
   */
  async completeInBrowser({ cookie, ...callback }: BrowserCallback): Promise<UserProfile> {
    return this.#complete(callback, () => this.#authorizations.takeInBrowser(callback.state, cookie));
  }

  /** Returns the user's connection status. It resolves even when GitHub is unreachable. */
  status(userId: string): Promise<ConnectionStatus> {
    return this.#statuses.read(this.#key(userId));
  }

  /**
   * Returns one page of the repositories that the user can access.
   *
   * @param page starts at 1; `perPage` is 1 to 100. Defaults to page 1 of 30.
   * @throws GitHubSdkError `validation_failed`, `github_not_connected`, `reauth_required`, and the errors of GitHub requests
   */
  async repositories(
    userId: string,
    { page = 1, perPage = 30 }: { readonly page?: number; readonly perPage?: number } = {},
  ): Promise<RepositoryPage> {
    const isPage =
      Number.isSafeInteger(page) && page >= 1 && Number.isInteger(perPage) && perPage >= 1 && perPage <= 100;
    if (!isPage) throw new GitHubSdkError("validation_failed", "`page` must be at least 1, and `per_page` 1 to 100.");
    return this.#repositories.page(await this.credential(userId), page, perPage, this.#closing.signal);
  }

  /**
   * Returns one repository as the user sees it.
   *
   * @param fullName `owner/name`
   * @throws GitHubSdkError `repository_not_found`, and as {@link repositories}
   */
  async repository(userId: string, fullName: string): Promise<UserRepository> {
    return this.#repositories.get(await this.credential(userId), fullName, this.#closing.signal);
  }

  /**
   * Returns a credential for requests as the user: of the named app, or of the first app whose token GitHub accepts.
   *
   * @throws GitHubSdkError `github_not_connected`, `reauth_required`
   */
  async credential(userId: string, client?: ClientName): Promise<UserCredential> {
    const connection = await this.#find(userId);
    if (connection === null) throw noConnection();
    return this.#tokens.credential(connection, client);
  }

  /** Returns the GitHub account that the user is connected to, or `null`. */
  async account(userId: string): Promise<ConnectedAccount | null> {
    const connection = await this.#find(userId);
    return connection === null ? null : accountOf(connection);
  }

  /** Returns the connection of a GitHub account, by GitHub's numeric user ID, or `null`. */
  async accountOfGitHubUser(githubUserId: number): Promise<ConnectedAccount | null> {
    const { connections, apiUrl } = this.#services;
    const connection = await connections.findByGitHubAccount({ apiUrl, githubUserId });
    return connection === null ? null : accountOf(connection);
  }

  /**
   * Removes the connection: revokes its tokens at GitHub, deletes them here, and frees the account for another user. It
   * succeeds even when GitHub is unreachable; `tokenRevoked` is `false` then.
   *
   * @throws GitHubSdkError `github_not_connected`
   */
  async disconnect(userId: string, { revoke = "token" }: DisconnectOptions = {}): Promise<Disconnected> {
    const present = await this.#find(userId);
    if (present === null) throw noConnection();
    const isRevoked = revoke === false ? () => false : await this.#revocation.ofConnection(present, revoke);
    const removed = await this.#services.connections.remove(this.#key(userId));
    if (removed === null) throw noConnection();
    this.#services.bus.emit("connection.removed", accountOf(removed));
    return { login: removed.login, tokenRevoked: await isRevoked(removed) };
  }

  /**
   * Checks every token of an account at GitHub, as after a `github_app_authorization.revoked` webhook, and marks those that
   * GitHub no longer accepts. The webhook alone revokes nothing.
   *
   * @returns `null` when no user is connected to the account
   */
  async revokedByGitHub({ githubUserId }: { readonly githubUserId: number }): Promise<RevocationOutcome | null> {
    const { connections, apiUrl, oauthClients } = this.#services;
    const connection = await connections.findByGitHubAccount({ apiUrl, githubUserId });
    if (connection === null) return null;
    const good = heldTokens(connection, oauthClients).filter(({ token }) => !token.reauthRequired);
    const verdicts = await Promise.all(good.map((held) => this.#tokens.examine(held)));
    return { account: accountOf(connection), revoked: verdicts.every((verdict) => verdict === "gone") };
  }

  /** Re-encrypts every stored token with the first key of the keyring: see {@link reencryptTokens}. */
  reencrypt(options: ReencryptionOptions = {}): Promise<ReencryptionProgress> {
    return reencryptTokens(this.#services, this.#vault, options);
  }

  /** Stops maintenance and aborts pending requests. */
  async close(): Promise<void> {
    this.#closing.abort(new GitHubSdkError("cancelled", "The SDK was closed while the request was pending."));
    await this.#maintenance;
  }

  async #complete(
    { code, error, installationId }: AuthorizationCallback,
    takeState: () => ReturnType<Authorizations["take"]>,
  ): Promise<UserProfile> {
    const { bindInstallation } = this.#services;
    if (installationId !== undefined && bindInstallation === null) {
      throw new GitHubSdkError("capability_not_configured", "Installations require a GitHub App. Configure `app`.");
    }
    const state = await takeState();
    if (error !== undefined) throw errorFromSlug(error);
    if (code === undefined || code === "")
      throw new GitHubSdkError("validation_failed", "`code` is missing in the callback.");
    const { connection, profile } = await this.#signIn.complete(state, code);
    if (installationId !== undefined) {
      const { userId, client } = state;
      const credential = this.#tokens.credential(connection, client);
      await bindInstallation?.({ installationId, userId, githubUserId: profile.id, client, credential });
    }
    return profile;
  }

  async #runMaintenance(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#authorizations.removeExpired(signal);
      } catch (error) {
        if (!signal.aborted)
          this.#services.logger.warn("Expired authorization states could not be deleted.", { error });
      }
      await this.#services.clock.idle(MAINTENANCE_INTERVAL_MS, signal).catch(() => undefined);
    }
  }

  #find(userId: string): Promise<Connection | null> {
    return this.#services.connections.find(this.#key(userId));
  }

  #key(userId: string): ConnectionKey {
    return { apiUrl: this.#services.apiUrl, userId };
  }
}

function accountOf({ userId, githubUserId, login }: Connection): ConnectedAccount {
  return { userId, githubUserId, login };
}
