import { closedError } from "../closed-error.js";
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
import type {
  AuthorizeDeviceRequest,
  BranchPageOptions,
  ConnectedAccount,
  Connections,
  Disconnected,
  DisconnectOptions,
  RepositoryPageOptions,
} from "./connections.js";
import { authorizeDevice } from "./device-authorization.js";
import { examineTokens, type TokenExamination } from "./examine-tokens.js";
import { OAuthApi } from "./oauth-api.js";
import { configuredClient } from "./oauth-client.js";
import { Revocation } from "./revocation.js";
import { SignIn } from "./sign-in.js";
import { TokenMarker } from "./token-marker.js";
import { type ReencryptionOptions, type ReencryptionProgress, reencryptTokens } from "./token-reencryption.js";
import { TokenRefresher } from "./token-refresher.js";
import { heldTokens, TokenVault } from "./token-vault.js";
import { type BranchPage, readBranches } from "./user-branches.js";
import type { UserProfile } from "./user-profile.js";
import { type RepositoryPage, UserRepositories, type UserRepository } from "./user-repositories.js";
import { type UserCredential, UserTokens } from "./user-tokens.js";

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
export class ConnectionEngine implements Connections {
  readonly #services: ConnectionServices;
  readonly #closing = new AbortController();
  readonly #authorizations: Authorizations;
  readonly #api: OAuthApi;
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
    this.#api = api;
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

  get redirectUri(): string | null {
    return this.#services.redirectUri;
  }

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

  async complete({ userId, ...callback }: UserCallback): Promise<UserProfile> {
    return this.#complete(callback, () => this.#authorizations.take(userId, callback.state));
  }

  async completeInBrowser({ cookie, ...callback }: BrowserCallback): Promise<UserProfile> {
    return this.#complete(callback, () => this.#authorizations.takeInBrowser(callback.state, cookie));
  }

  async authorizeDevice({ userId, client: wanted, scopes, ...request }: AuthorizeDeviceRequest): Promise<UserProfile> {
    const { oauthClients, clock } = this.#services;
    const { name, client } = configuredClient(oauthClients, wanted);
    const signal = AbortSignal.any([this.#closing.signal, ...(request.signal === undefined ? [] : [request.signal])]);
    const context = {
      ...{ api: this.#api, clock, clientId: client.clientId },
      scopes: name === "oauth" ? (scopes ?? this.#services.scopes) : [],
    };
    const issued = await authorizeDevice(context, { ...request, signal });
    const { profile } = await this.#signIn.accept({ userId, client: name }, issued);
    return profile;
  }

  status(userId: string): Promise<ConnectionStatus> {
    return this.#statuses.read(this.#key(userId));
  }

  async repositories(userId: string, { page = 1, perPage = 30 }: RepositoryPageOptions = {}): Promise<RepositoryPage> {
    assertPage(page, perPage);
    return this.#repositories.page(await this.credential(userId), page, perPage, this.#closing.signal);
  }

  async repository(userId: string, fullName: string): Promise<UserRepository> {
    return this.#repositories.get(await this.credential(userId), fullName, this.#closing.signal);
  }

  async branches(
    userId: string,
    fullName: string,
    { page = 1, perPage = 30, search }: BranchPageOptions = {},
  ): Promise<BranchPage> {
    assertPage(page, perPage);
    const query = { repository: fullName, page, perPage, search: search || null };
    return readBranches(this.#services.clients, await this.credential(userId), query, this.#closing.signal);
  }

  async credential(userId: string, client?: ClientName): Promise<UserCredential> {
    const connection = await this.#find(userId);
    if (connection === null) throw noConnection();
    return this.#tokens.credential(connection, client);
  }

  async account(userId: string): Promise<ConnectedAccount | null> {
    const connection = await this.#find(userId);
    return connection === null ? null : accountOf(connection);
  }

  async accountOfGitHubUser(githubUserId: number): Promise<ConnectedAccount | null> {
    const { connections, apiUrl } = this.#services;
    const connection = await connections.findByGitHubAccount({ apiUrl, githubUserId });
    return connection === null ? null : accountOf(connection);
  }

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

  reencrypt(options: ReencryptionOptions = {}): Promise<ReencryptionProgress> {
    return reencryptTokens(this.#services, this.#vault, options);
  }

  /** Decrypts stored tokens of at most `limit` connections, as a test of the keys. */
  examineTokens(limit: number): Promise<TokenExamination> {
    return examineTokens(this.#services, this.#vault, limit);
  }

  /** Returns the apps whose client ID and secret GitHub rejects. @throws the errors of GitHub requests */
  async rejectedClients(): Promise<readonly ClientName[]> {
    const { oauthClients } = this.#services;
    const names = (["oauth", "app"] as const).filter((name) => oauthClients[name] !== undefined);
    const verdicts = await Promise.all(
      names.map(async (name) => {
        const client = oauthClients[name];
        return client === undefined || (await this.#api.acceptsClient(client));
      }),
    );
    return names.filter((_, index) => verdicts[index] === false);
  }

  /** Stops maintenance and aborts pending requests. */
  async close(): Promise<void> {
    this.#closing.abort(closedError());
    await this.#maintenance;
  }

  async #complete(
    { code, error, installationId, setupAction }: AuthorizationCallback,
    takeState: () => ReturnType<Authorizations["take"]>,
  ): Promise<UserProfile> {
    const { bindInstallation, requestInstallation } = this.#services;
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
    } else if (setupAction === "request") {
      await requestInstallation?.({ userId: state.userId, githubUserId: profile.id, login: profile.login });
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

function assertPage(page: number, perPage: number): void {
  const isPage = Number.isSafeInteger(page) && page >= 1 && Number.isInteger(perPage) && perPage >= 1 && perPage <= 100;
  if (!isPage) throw new GitHubSdkError("validation_failed", "`page` must be at least 1, and `per_page` 1 to 100.");
}
