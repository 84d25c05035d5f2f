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
  type AuthorizationOutcome,
  type InstallationOutcome,
  type Installer,
  type Visitor,
  visitAuthorization,
  visitInstallation,
} from "./web/browser.js";

/** How a box is made. */
export interface GitHubBoxOptions {
  /** Milliseconds since the epoch, for commit dates and rate limits. Default `Date.now`. */
  clock?: () => number;
  /**
   * Where its repositories are kept, in a folder of their own that {@link GitHubBox.close} removes. Default: memory
   * (`/dev/shm`) where there is room, else the system's temporary folder; TMPDIR is respected.
   */
  folder?: string;
}

/** A new user, and what is on their page. */
export interface UserOptions extends Partial<Profile> {
  login: string;
  name?: string;
}

/** A new organization. */
export interface OrganizationOptions {
  login: string;
  name?: string;
  /** Logins of its owners; made as users when there are none. */
  admins?: readonly string[];
  members?: readonly string[];
}

/** A box that listens. */
export interface GitHubBoxServer extends BoxServer {
  /** REST root, as on GitHub Enterprise Server: `{url}/api/v3`. */
  apiUrl: string;
  /** Web and git root; repositories are at `{serverUrl}/{owner}/{repo}.git`. */
  serverUrl: string;
}

/** One GitHub, with real git repositories behind it. Made by {@link createGitHubBox}. */
export class GitHubBox {
  /** Faults, hooks, latency, limits. */
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

  /** Every request since the counters were reset, in the order they came. */
  get requests(): readonly RecordedRequest[] {
    return this.platform.log.requests;
  }

  /** Requests that create content as GitHub's secondary limit means it: every REST write, every GraphQL mutation; no git push. */
  get contentCreatingRequests(): number {
    return this.requests.filter(({ createsContent }) => createsContent).length;
  }

  /** How many requests there were, of one route (`GET /user`), path or GraphQL operation when it is named. */
  count(which?: string): number {
    return this.platform.log.count(which);
  }

  /** Forgets the requests counted so far. */
  resetCounters(): void {
    this.platform.log.reset();
  }

  /** Makes a user; throws when the login is taken. */
  addUser({ login, name, ...profile }: UserOptions): Account {
    return this.platform.accounts.add(login, "User", name, profile);
  }

  /** Makes an organization; throws when the login is taken. */
  addOrganization({ login, name, admins = [], members = [] }: OrganizationOptions): Account {
    const { accounts } = this.platform;
    const organization = accounts.add(login, "Organization", name);
    for (const member of members) organization.members.set(accounts.ensure(member).login.toLowerCase(), "member");
    for (const admin of admins) organization.members.set(accounts.ensure(admin).login.toLowerCase(), "admin");
    return organization;
  }

  /** Makes a token and returns it. */
  addToken(options: TokenOptions): string {
    return this.platform.accounts.addToken(options).token;
  }

  /** Makes a token worthless: from now on it is answered with 401. */
  revokeToken(token: string): void {
    this.platform.accounts.revoke(token);
  }

  /** Registers an OAuth app; throws when the client id is taken. */
  addOAuthApp(options: OAuthAppOptions): OAuthClient {
    return this.platform.oauth.addApp(options);
  }

  /** Registers a GitHub App with a key of its own and pings its webhook; throws when its slug or client id is taken. */
  addApp(options: AppOptions = {}): GitHubApp {
    return this.platform.apps.add(options);
  }

  /** Installs an App on an account; throws when it is there already, or a repository does not exist. */
  install(app: GitHubApp, options: InstallOptions): Installation {
    return this.platform.apps.install(app, options);
  }

  /** The installation of that number, made on the App's page or here; undefined when it was removed. */
  installation(id: number): Installation | undefined {
    return this.platform.apps.findInstallation(id);
  }

  /**
   * Opens an App's installation URL (`/apps/{slug}/installations/new?state=…`) in somebody's browser and lets them install it
   * on the account and repositories they choose. Returns where their browser is sent: the setup URL, or with user authorization
   * during installation the callback URL with a code.
   */
  installFrom(url: string, who: Installer): Promise<InstallationOutcome> {
    return visitInstallation(this.platform, this.fetch, url, who);
  }

  /**
   * Opens an authorization URL in somebody's browser and lets them agree, or `deny`. Returns where their browser is sent.
   * Throws with the page's text when GitHub shows a page instead.
   */
  authorize(url: string, who: Visitor): Promise<AuthorizationOutcome> {
    return visitAuthorization(this.platform, this.fetch, url, who);
  }

  /** Makes somebody a member or owner of an organization; both come into being when there are none. */
  addMember(organization: string, login: string, role: "admin" | "member" = "member"): void {
    const { accounts, domainEvents } = this.platform;
    const target = accounts.find(organization) ?? accounts.add(organization, "Organization");
    const user = accounts.ensure(login);
    const sender = accounts.ensure(ownerLogin(target));
    target.members.set(user.login.toLowerCase(), role);
    domainEvents.publish({ event: "organization", action: "member_added", organization: target, user, role, sender });
  }

  /** Takes somebody out of an organization; nothing happens when they are not in it. */
  removeMember(organization: string, login: string): void {
    const { accounts, domainEvents } = this.platform;
    const target = accounts.ensure(organization);
    const user = accounts.ensure(login);
    const role = target.members.get(user.login.toLowerCase());
    if (role === undefined || !target.members.delete(user.login.toLowerCase())) return;
    const sender = accounts.ensure(ownerLogin(target));
    domainEvents.publish({ event: "organization", action: "member_removed", organization: target, user, role, sender });
  }

  /** Resolves when Apps have been told everything that has happened so far, and what came of that. */
  deliveriesSettled(): Promise<void> {
    return this.platform.deliveries.settled();
  }

  /** A user takes back what they granted an application: all its tokens for them are worthless from now on. */
  revokeGrant(client: OAuthClient, login: string): void {
    const { accounts, apps, domainEvents, oauth } = this.platform;
    const sender = accounts.ensure(login);
    const app = apps.list().find((candidate) => candidate === client);
    if (!oauth.tokens.revokeGrant(client, sender) || app === undefined) return;
    domainEvents.publish({ event: "github_app_authorization", action: "revoked", app, sender });
  }

  /** Makes a repository; throws when the owner has one of that name. */
  createRepository(options: CreateRepositoryOptions): Promise<BoxRepository> {
    return this.platform.repositories.create(options);
  }

  /** The repository of that name, made through the API or here. */
  repository(owner: string, name: string): BoxRepository | undefined {
    return this.platform.repositories.find(owner, name);
  }

  /** Gives a repository another name; the old one redirects. */
  renameRepository(repository: BoxRepository, name: string): void {
    this.platform.repositories.rename(repository, name);
  }

  /** Answers a request as GitHub would: the one function that msw handlers and the server are shells of. */
  readonly fetch = (request: Request): Promise<Response> => this.gateway.fetch(request);

  /**
   * msw handlers for https://api.github.com and https://github.com, or for the origins named. Throws where msw, an
   * optional peer dependency, is not installed.
   */
  handlers(origins: readonly string[] = ["https://api.github.com", "https://github.com"]): HttpHandler[] {
    if (this.msw === undefined) throw new Error("box.handlers() needs msw: install it beside this package");
    return mswHandlers(this.msw, this.fetch, origins);
  }

  /** Starts a real HTTP server: REST at `/` and `/api/v3`, GraphQL at `/graphql` and `/api/graphql`, git at `/{owner}/{repo}.git`. */
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

  /** Stops its servers, ends its git processes and removes its repositories from the disk. */
  async close(): Promise<void> {
    for (const server of [...this.servers]) await server.close();
    this.platform.close();
  }
}

/** Makes an empty GitHub. Close it after use. */
export async function createGitHubBox(options: GitHubBoxOptions = {}): Promise<GitHubBox> {
  return new GitHubBox(options, await loadMsw());
}
