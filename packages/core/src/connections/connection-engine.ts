import type { ClientName, Connection, ConnectionKey } from "../domain/connection.js";
import { GitHubSdkError } from "../errors.js";
import type { AuthorizationCallback, BrowserCallback, UserCallback } from "./authorization-callback.js";
import {
  Authorizations,
  type AuthorizeRequest,
  type InstallRequest,
  type StartedAuthorization,
} from "./authorizations.js";
import { noConnection } from "./connection-error.js";
import { errorFromSlug } from "./connection-errors.js";
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

/** How much is taken back at GitHub: the user's tokens, everything that the user ever gave the app, or nothing. */
export interface DisconnectOptions {
  readonly revoke?: "token" | "grant" | false;
}

/** What a disconnect did. */
export interface Disconnected {
  readonly login: string;
  /** Whether GitHub takes none of the connection's tokens any more. */
  readonly tokenRevoked: boolean;
}

/** A host user's GitHub account. */
export interface ConnectedAccount {
  readonly userId: string;
  readonly githubUserId: number;
  readonly login: string;
}

/** What GitHub said of an account's tokens. */
export interface RevocationOutcome {
  readonly account: ConnectedAccount;
  /** Whether GitHub takes none of them any more: the user has to authorize again. */
  readonly revoked: boolean;
}

// The token endpoint answers at once or not at all; callers and other processes wait for it.
const OAUTH_TIMEOUT = 10_000;
const UPKEEP_INTERVAL = 10 * 60_000;

/** Connects host users with GitHub accounts, and keeps the tokens that came of it. */
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
  readonly #upkeep: Promise<void>;

  constructor(services: ConnectionServices) {
    const { apiUrl, serverUrl, clock } = services;
    const closing = this.#closing.signal;
    const timeout = Math.min(services.requestTimeout, OAUTH_TIMEOUT);
    const api = new OAuthApi({ apiUrl, serverUrl, clock, timeout, closing });
    const vault = new TokenVault(services.cipher);
    const marker = new TokenMarker(services);
    const refresher = new TokenRefresher({ services, api, vault, marker, requestTimeout: timeout, closing });
    this.#services = services;
    this.#authorizations = new Authorizations(services);
    this.#vault = vault;
    this.#tokens = new UserTokens({ services, api, vault, marker, refresher });
    this.#revocation = new Revocation(services, api, vault, this.#tokens);
    this.#signIn = new SignIn({ services, api, vault, revocation: this.#revocation, closing });
    this.#repositories = new UserRepositories(services.clients, clock);
    this.#statuses = new ConnectionStatuses({
      services,
      tokens: this.#tokens,
      repositories: this.#repositories,
      closing,
    });
    this.#upkeep = this.#runMaintenance();
  }

  /**
   * Begins an authorization: send the browser to `url`. It can be completed once, within 10 minutes.
   *
   * @throws GitHubSdkError `capability_not_configured`, `validation_failed`
   * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#web-application-flow
   */
  authorize(request: AuthorizeRequest): Promise<StartedAuthorization> {
    return this.#authorizations.begin(request);
  }

  /**
   * Makes and keeps the state that goes with the GitHub App's install page, where the user is asked to authorize besides.
   *
   * @throws GitHubSdkError `capability_not_configured`, `validation_failed`
   */
  beginInstall(request: InstallRequest): Promise<string> {
    return this.#authorizations.beginInstall(request);
  }

  /**
   * Completes what this user began, and gives the GitHub account that is connected now.
   *
   * @throws GitHubSdkError `invalid_state`, `oauth_failed`, `oauth_misconfigured`, `authorization_denied`,
   * `github_account_taken`, `github_unavailable`; what proving the installation throws, with the account connected all the same
   */
  async complete({ userId, ...callback }: UserCallback): Promise<UserProfile> {
    return this.#complete(callback, () => this.#authorizations.take(userId, callback.state));
  }

  /**
   * Completes what the browser with this cookie began, for the user who was logged in there.
   *
   * @throws GitHubSdkError as {@link complete}
   */
  async completeInBrowser({ cookie, ...callback }: BrowserCallback): Promise<UserProfile> {
    return this.#complete(callback, () => this.#authorizations.takeInBrowser(callback.state, cookie));
  }

  /** How the user stands with GitHub. Does not fail because GitHub does. */
  status(userId: string): Promise<ConnectionStatus> {
    return this.#statuses.read(this.#key(userId));
  }

  /**
   * One page of the repositories that the user can reach.
   *
   * @param page from 1; `perPage` from 1 to 100
   * @throws GitHubSdkError `github_not_connected`, `reauth_required`, and what requests to GitHub throw
   */
  async repositories(
    userId: string,
    { page = 1, perPage = 30 }: { readonly page?: number; readonly perPage?: number } = {},
  ): Promise<RepositoryPage> {
    const isPage =
      Number.isSafeInteger(page) && page >= 1 && Number.isInteger(perPage) && perPage >= 1 && perPage <= 100;
    if (!isPage) throw new GitHubSdkError("validation_failed", "page begins at 1, per_page goes from 1 to 100.");
    return this.#repositories.page(await this.credential(userId), page, perPage, this.#closing.signal);
  }

  /**
   * One repository as the user sees it.
   *
   * @param fullName `owner/name`
   * @throws GitHubSdkError `repository_not_found`, and as {@link repositories}
   */
  async repository(userId: string, fullName: string): Promise<UserRepository> {
    return this.#repositories.get(await this.credential(userId), fullName, this.#closing.signal);
  }

  /**
   * What requests in the user's name are made with: of the app that is named, else of the first whose token GitHub takes.
   *
   * @throws GitHubSdkError `github_not_connected`, `reauth_required`
   */
  async credential(userId: string, client?: ClientName): Promise<UserCredential> {
    const connection = await this.#find(userId);
    if (connection === null) throw noConnection();
    return this.#tokens.credential(connection, client);
  }

  /** The GitHub account that the user is connected to, or `null`. */
  async account(userId: string): Promise<ConnectedAccount | null> {
    const connection = await this.#find(userId);
    return connection === null ? null : accountOf(connection);
  }

  /** The host user whom a GitHub account is connected to, by GitHub's numeric id, or `null`. */
  async accountOfGitHubUser(githubUserId: number): Promise<ConnectedAccount | null> {
    const { connections, apiUrl } = this.#services;
    const connection = await connections.findByGitHubAccount({ apiUrl, githubUserId });
    return connection === null ? null : accountOf(connection);
  }

  /**
   * Ends the connection: its tokens are taken back at GitHub and erased here, and the account is free for another user. A
   * GitHub that does not answer keeps nobody connected.
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
   * Asks GitHub about every token of an account, as after a `github_app_authorization.revoked` webhook, and marks those that it
   * no longer takes. The webhook itself is only the occasion.
   *
   * @returns `null` when the account is connected to nobody
   */
  async revokedByGitHub({ githubUserId }: { readonly githubUserId: number }): Promise<RevocationOutcome | null> {
    const { connections, apiUrl } = this.#services;
    const connection = await connections.findByGitHubAccount({ apiUrl, githubUserId });
    if (connection === null) return null;
    const good = heldTokens(connection).filter(({ token }) => !token.reauthRequired);
    const verdicts = await Promise.all(good.map((held) => this.#tokens.examine(held)));
    return { account: accountOf(connection), revoked: verdicts.every((verdict) => verdict === "gone") };
  }

  /** Moves every stored token to the first key of the keyring: see {@link reencryptTokens}. */
  reencrypt(options: ReencryptionOptions = {}): Promise<ReencryptionProgress> {
    return reencryptTokens(this.#services, this.#vault, options);
  }

  /** Ends upkeep and requests that are under way. */
  async close(): Promise<void> {
    this.#closing.abort(new GitHubSdkError("cancelled", "The SDK was closed while the request was under way."));
    await this.#upkeep;
  }

  async #complete(
    { code, error, installationId }: AuthorizationCallback,
    takeState: () => ReturnType<Authorizations["take"]>,
  ): Promise<UserProfile> {
    const { bindInstallation } = this.#services;
    if (installationId !== undefined && bindInstallation === null) {
      throw new GitHubSdkError("capability_not_configured", "Installations need a GitHub App. Configure `app`.");
    }
    const state = await takeState();
    if (error !== undefined) throw errorFromSlug(error);
    if (code === undefined || code === "") throw new GitHubSdkError("validation_failed", "The callback has no code.");
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
        if (!signal.aborted) this.#services.logger.warn("Expired states could not be removed.", { error });
      }
      await this.#services.clock.idle(UPKEEP_INTERVAL, signal).catch(() => undefined);
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
