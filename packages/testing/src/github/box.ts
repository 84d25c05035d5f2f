import type { HttpHandler } from "msw";
import { loadMsw, type Msw, mswHandlers } from "../box/msw-handlers.js";
import { type BoxServer, type ListenOptions, listen } from "../box/node-server.js";
import { type Account, ownerLogin } from "./accounts/account.js";
import type { TokenOptions } from "./accounts/accounts.js";
import type { Profile } from "./accounts/profile.js";
import type { InstallOptions } from "./apps/apps.js";
import type { AppOptions, GitHubApp } from "./apps/github-app.js";
import type { Installation } from "./apps/installation.js";
import type { Control } from "./control/control.js";
import type { RecordedRequest } from "./control/request-log.js";
import { Gateway } from "./gateway.js";
import { serverAddresses } from "./http/addresses.js";
import type { OAuthAppOptions, OAuthClient } from "./oauth/oauth-client.js";
import { Platform } from "./platform.js";
import type { CreateRepositoryOptions } from "./repositories/repositories.js";
import type { BoxRepository } from "./repositories/repository.js";
import {
  type AppCreationOutcome,
  type AuthorizationOutcome,
  type InstallationOutcome,
  type Installer,
  type Visitor,
  visitAuthorization,
  visitDevice,
  visitInstallation,
  visitNewApp,
} from "./web/browser.js";

/** The options of {@link createGitHubBox}. */
export interface GitHubBoxOptions {
  /** Returns milliseconds since the epoch, for commit dates, tokens and rate limits. Defaults to `Date.now`. */
  clock?: () => number;
  /**
   * Parent of the folder that stores the repositories; {@link GitHubBox.close} removes that folder. Defaults to `TMPDIR`, or to
   * memory (`/dev/shm`) if there is enough space, or to the system's temporary folder.
   */
  folder?: string;
}

/** The options of a new user. */
export interface UserOptions extends Partial<Profile> {
  login: string;
  name?: string;
}

/** The options of a new organization. */
export interface OrganizationOptions {
  login: string;
  name?: string;
  /** Logins of the owners. Created as users if they do not exist. */
  admins?: readonly string[];
  /** Logins of the other members. Created as users if they do not exist. */
  members?: readonly string[];
  /** True for an organization of an enterprise, which can have internal repositories. Defaults to false. */
  inEnterprise?: boolean;
}

/** A running HTTP server of a box. */
export interface GitHubBoxServer extends BoxServer {
  /** Root of the REST API, as on GitHub Enterprise Server: `{url}/api/v3`. */
  apiUrl: string;
  /** Root of the web site and of git: repositories are at `{serverUrl}/{owner}/{repo}.git`. */
  serverUrl: string;
}

/** A simulated GitHub with real git repositories. Created by {@link createGitHubBox}. */
export class GitHubBox {
  /** Faults, hooks, latency and limits. */
  readonly control: Control;
  private readonly platform: Platform;
  private readonly gateway: Gateway;
  private readonly servers = new Set<GitHubBoxServer>();

  constructor(
    { clock = Date.now, folder }: GitHubBoxOptions,
    private readonly msw: Msw | undefined,
  ) {
    this.platform = new Platform(clock, folder);
    this.gateway = new Gateway(this.platform);
    this.control = this.platform.control;
  }

  /** All requests since the counters were reset, in the order of arrival. */
  get requests(): readonly RecordedRequest[] {
    return this.platform.log.requests;
  }

  /** Number of requests that count for GitHub's limit on content creation: REST writes and GraphQL mutations, but not git pushes. */
  get contentCreatingRequests(): number {
    return this.requests.filter(({ createsContent }) => createsContent).length;
  }

  /** Counts requests: all of them, or those of a route (`GET /user`), a path or a GraphQL operation. */
  count(which?: string): number {
    return this.platform.log.count(which);
  }

  /** Clears the recorded requests. */
  resetCounters(): void {
    this.platform.log.reset();
  }

  /** Creates a user. Throws when the login is taken. */
  addUser({ login, name, ...profile }: UserOptions): Account {
    return this.platform.accounts.add(login, "User", name, profile);
  }

  /** Creates an organization. Throws when the login is taken. */
  addOrganization({ login, name, admins = [], members = [], inEnterprise = false }: OrganizationOptions): Account {
    const { accounts } = this.platform;
    const organization = accounts.add(login, "Organization", name);
    organization.isInEnterprise = inEnterprise;
    for (const member of members) organization.members.set(accounts.ensure(member).login.toLowerCase(), "member");
    for (const admin of admins) organization.members.set(accounts.ensure(admin).login.toLowerCase(), "admin");
    return organization;
  }

  /** Creates a token and returns it. */
  addToken(options: TokenOptions): string {
    return this.platform.accounts.addToken(options).token;
  }

  /** Revokes a token. Requests with it get a 401. */
  revokeToken(token: string): void {
    this.platform.accounts.revoke(token);
  }

  /** Registers an OAuth app. Throws when the client ID is taken. */
  addOAuthApp(options: OAuthAppOptions): OAuthClient {
    return this.platform.oauth.addApp(options);
  }

  /** Registers a GitHub App and pings its webhook. Throws when its slug or client ID is taken. */
  addApp(options: AppOptions = {}): GitHubApp {
    return this.platform.apps.add(options);
  }

  /** Installs an App on an account. Throws when it is already installed there or a repository does not exist. */
  install(app: GitHubApp, options: InstallOptions): Installation {
    return this.platform.apps.install(app, options);
  }

  /** Returns the installation with an ID, or `undefined` when it does not exist or was removed. */
  installation(id: number): Installation | undefined {
    return this.platform.apps.findInstallation(id);
  }

  /**
   * Opens an App's installation URL (`/apps/{slug}/installations/new?state=…`) as a user and installs the App on the account and
   * repositories that the user chooses.
   *
   * @returns the redirect: to the setup URL, or with user authorization during installation to the callback URL with a code
   */
  installFrom(url: string, who: Installer): Promise<InstallationOutcome> {
    return visitInstallation(this.platform, this.fetch, url, who);
  }

  /**
   * Opens an authorization URL as a user, who authorizes the application or, with `deny`, refuses it. Throws with the page's text
   * when GitHub shows a page instead of a redirect.
   *
   * @returns the redirect to the callback URL
   */
  authorize(url: string, who: Visitor): Promise<AuthorizationOutcome> {
    return visitAuthorization(this.platform, this.fetch, url, who);
  }

  /**
   * Enters the code of a device (`/login/device`) as a user, who authorizes the device or, with `deny`, refuses it. Throws when the
   * code is wrong or has expired.
   */
  enterDeviceCode(userCode: string, who: Visitor): Promise<void> {
    return visitDevice(this.platform, this.fetch, userCode, who);
  }

  /**
   * Posts the manifest of a GitHub App to the address of its form, and creates the App as a user. Returns the redirect; throws with
   * GitHub's reason when it rejects the manifest.
   */
  createAppFrom(url: string, manifest: string, who: Visitor): Promise<AppCreationOutcome> {
    return visitNewApp(this.platform, this.fetch, { url, manifest }, who);
  }

  /** Adds a user to an organization, and creates both if they do not exist. */
  addMember(organization: string, login: string, role: "admin" | "member" = "member"): void {
    const { accounts, domainEvents } = this.platform;
    const target = accounts.find(organization) ?? accounts.add(organization, "Organization");
    const user = accounts.ensure(login);
    const sender = accounts.ensure(ownerLogin(target));
    target.members.set(user.login.toLowerCase(), role);
    domainEvents.publish({ event: "organization", action: "member_added", organization: target, user, role, sender });
  }

  /** Removes a user from an organization. Does nothing when the user is not a member. */
  removeMember(organization: string, login: string): void {
    const { accounts, domainEvents } = this.platform;
    const target = accounts.ensure(organization);
    const user = accounts.ensure(login);
    const role = target.members.get(user.login.toLowerCase());
    if (role === undefined || !target.members.delete(user.login.toLowerCase())) return;
    const sender = accounts.ensure(ownerLogin(target));
    domainEvents.publish({ event: "organization", action: "member_removed", organization: target, user, role, sender });
  }

  /** Resolves when all webhook deliveries so far have been sent, including those that deliveries cause. */
  deliveriesSettled(): Promise<void> {
    return this.platform.deliveries.settled();
  }

  /** Revokes a user's authorization of an application, with all of the application's tokens for the user. */
  revokeGrant(client: OAuthClient, login: string): void {
    const { accounts, apps, domainEvents, oauth } = this.platform;
    const sender = accounts.ensure(login);
    const app = apps.list().find((candidate) => candidate === client);
    if (!oauth.tokens.revokeGrant(client, sender) || app === undefined) return;
    domainEvents.publish({ event: "github_app_authorization", action: "revoked", app, sender });
  }

  /** Creates a repository. Throws when the owner already has a repository of that name. */
  createRepository(options: CreateRepositoryOptions): Promise<BoxRepository> {
    return this.platform.repositories.create(options);
  }

  /** Returns the repository with a name, created through the API or here. */
  repository(owner: string, name: string): BoxRepository | undefined {
    return this.platform.repositories.find(owner, name);
  }

  /** Renames a repository. The old name redirects. */
  renameRepository(repository: BoxRepository, name: string): void {
    this.platform.repositories.rename(repository, name);
  }

  /** Responds to a request as GitHub does. The msw handlers and the HTTP server call this function. */
  readonly fetch = (request: Request): Promise<Response> => this.gateway.fetch(request);

  /**
   * Returns msw handlers for https://api.github.com and https://github.com, or for other origins. Throws when msw, an optional
   * peer dependency, is not installed.
   */
  handlers(origins: readonly string[] = ["https://api.github.com", "https://github.com"]): HttpHandler[] {
    if (this.msw === undefined)
      throw new Error("box.handlers() requires msw. Install msw as a development dependency.");
    return mswHandlers(this.msw, this.fetch, origins);
  }

  /** Starts an HTTP server: REST at `/` and `/api/v3`, GraphQL at `/graphql` and `/api/graphql`, git at `/{owner}/{repo}.git`. */
  async listen(options: ListenOptions = {}): Promise<GitHubBoxServer> {
    const server = await listen(this.fetch, options);
    this.platform.addresses = serverAddresses(server.url);
    const close = async (): Promise<void> => {
      this.servers.delete(open);
      await server.close();
    };
    const open = { url: server.url, apiUrl: `${server.url}/api/v3`, serverUrl: server.url, close };
    this.servers.add(open);
    return open;
  }

  /** Stops all servers, ends all git processes and removes the repositories from disk. */
  async close(): Promise<void> {
    for (const server of [...this.servers]) await server.close();
    this.platform.close();
  }
}

/** Creates a GitHub without accounts and repositories. Call `close()` after use. */
export async function createGitHubBox(options: GitHubBoxOptions = {}): Promise<GitHubBox> {
  return new GitHubBox(options, await loadMsw());
}
