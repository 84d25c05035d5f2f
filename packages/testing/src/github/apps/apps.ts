import { randomBytes } from "node:crypto";
import { type Account, ownerLogin } from "../accounts/account.js";
import type { Accounts } from "../accounts/accounts.js";
import type { RepositoryIdentity } from "../accounts/reach.js";
import type { DomainEvents } from "../domain-events.js";
import type { OAuth } from "../oauth/oauth.js";
import { randomText } from "../random-text.js";
import type { Repositories } from "../repositories/repositories.js";
import { appKeys } from "./app-keys.js";
import { type AppOptions, GitHubApp } from "./github-app.js";
import { type ByWhom, findByName, Installation, type InstallationContext } from "./installation.js";

/** The options of a new installation. */
export interface InstallOptions extends ByWhom {
  /** Login of the user or organization. Created as a user if it does not exist. */
  account: string;
  /** Names of the selected repositories, or `all` for current and future ones. Defaults to `all`. */
  repositories?: "all" | readonly string[];
}

/** A member's request to install an App in an organization. */
export interface InstallationRequest {
  id: number;
  app: GitHubApp;
  account: Account;
  requester: Account;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** The parts of the box that Apps use. */
interface AppsContext {
  accounts: Accounts;
  repositories: Repositories;
  oauth: OAuth;
  domainEvents: DomainEvents;
  nextId: () => number;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

/** All GitHub Apps of a box and their installations. */
export class Apps {
  private readonly all: GitHubApp[] = [];
  private readonly installations: Installation[] = [];
  private readonly requests: InstallationRequest[] = [];
  private readonly context: InstallationContext;

  constructor(private readonly box: AppsContext) {
    const { accounts, repositories, domainEvents, clock } = box;
    this.context = {
      clock,
      person: (login) => accounts.ensure(login),
      repositoriesOf: (account) => repositories.list(account),
      publish: (event) => domainEvents.publish(event),
      removed: (installation) => this.forget(installation),
    };
  }

  /** Registers an App and pings its webhook. Throws when its slug or client ID is taken. */
  add(options: AppOptions): GitHubApp {
    const { accounts, clock, domainEvents, nextId, oauth } = this.box;
    const slug = options.slug ?? slugOf(options.name ?? `app-${this.all.length + 1}`);
    if (this.findBySlug(slug) !== undefined) throw new Error(`${slug} already exists`);
    const parts = {
      id: nextId(),
      hookId: nextId(),
      slug,
      clientId: options.clientId ?? `Iv23li${randomText(14)}`,
      clientSecret: options.clientSecret ?? randomBytes(20).toString("hex"),
      owner: accounts.ensure(options.owner ?? "app-owner"),
      bot: accounts.find(`${slug}[bot]`) ?? accounts.add(`${slug}[bot]`, "Bot"),
      createdAt: clock(),
      reach: {
        onRepository: (repository: RepositoryIdentity) => this.installationOn(app, repository)?.permissions,
        onAccount: (account: Account) => this.activeOn(app, account)?.permissions,
      },
      makeKeys: () => appKeys(options.privateKey),
    };
    const app: GitHubApp = oauth.add(new GitHubApp(parts, options));
    this.all.push(app);
    domainEvents.publish({ event: "ping", app });
    return app;
  }

  /** Installs an App. Throws when it is already installed on the account or a repository does not exist. */
  install(app: GitHubApp, { account, repositories = "all", by }: InstallOptions): Installation {
    const { accounts, domainEvents, nextId } = this.box;
    const target = accounts.ensure(account);
    if (this.installationOf(app, target) !== undefined) {
      throw new Error(`${app.slug} is already installed on ${target.login}`);
    }
    const isAll = repositories === "all";
    const own = this.box.repositories.list(target);
    const repositoryIds = isAll ? [] : repositories.map((name) => findByName(own, name).id);
    const parts = { id: nextId(), app, account: target, selection: isAll ? "all" : "selected", repositoryIds } as const;
    const installation = new Installation(parts, this.context);
    this.installations.push(installation);
    const request = this.requestFor(app, target);
    if (request !== undefined) this.requests.splice(this.requests.indexOf(request), 1);
    const sender = accounts.ensure(by ?? ownerLogin(target));
    const event = {
      event: "installation",
      action: "created",
      installation,
      sender,
      requester: request?.requester,
    } as const;
    domainEvents.publish({ ...event, repositories: installation.repositories });
    return installation;
  }

  /** Requests an installation, which an owner of the account approves by installing the App. */
  request(app: GitHubApp, account: Account, requester: Account): void {
    if (this.requestFor(app, account) !== undefined) return;
    this.requests.push({ id: this.box.nextId(), app, account, requester, createdAt: this.box.clock() });
  }

  /** Returns the requests for installations of an App that no owner has approved. */
  requestsFor(app: GitHubApp): readonly InstallationRequest[] {
    return this.requests.filter((request) => request.app === app);
  }

  /** Returns the request for an installation of an App on an account. */
  requestFor(app: GitHubApp, account: Account): InstallationRequest | undefined {
    return this.requests.find((request) => request.app === app && request.account === account);
  }

  /** Returns the App with a client ID or App ID, as in the `iss` claim of a JWT. */
  findByIssuer(issuer: string | number): GitHubApp | undefined {
    return this.all.find(({ id, clientId }) => clientId === issuer || String(id) === String(issuer));
  }

  /** Returns the App with a slug. */
  findBySlug(slug: string): GitHubApp | undefined {
    return this.all.find((app) => app.slug === slug.toLowerCase());
  }

  /** Returns all Apps in the order of their creation. */
  list(): readonly GitHubApp[] {
    return this.all;
  }

  /** Returns the installations of an App, or of all Apps, oldest first. */
  installationsOf(app?: GitHubApp): Installation[] {
    return this.installations.filter((installation) => app === undefined || installation.app === app);
  }

  /** Returns the installation with an ID, or `undefined` when it does not exist or was removed. */
  findInstallation(id: number | undefined): Installation | undefined {
    return this.installations.find((installation) => installation.id === id);
  }

  /** Returns an App's installation on an account. */
  installationOf(app: GitHubApp, account: Account): Installation | undefined {
    return this.installationsOf(app).find((installation) => installation.account === account);
  }

  /** Returns an App's installation with access to a repository. A suspended installation has no access. */
  installationOn(app: GitHubApp, repository: RepositoryIdentity): Installation | undefined {
    const installation = this.activeOn(app, repository.owner);
    return installation?.covers(repository) === true ? installation : undefined;
  }

  private activeOn(app: GitHubApp, account: Account): Installation | undefined {
    const installation = this.installationOf(app, account);
    return installation?.suspended === undefined ? installation : undefined;
  }

  /** Forgets an installation and revokes its tokens. */
  private forget(installation: Installation): void {
    const index = this.installations.indexOf(installation);
    if (index !== -1) this.installations.splice(index, 1);
    this.box.accounts.revokeWhere((credential) => credential.installationId === installation.id);
  }
}

/** Returns the slug of an App's name. */
export function slugOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
