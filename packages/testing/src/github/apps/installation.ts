import { type Account, ownerLogin, type Permissions } from "../accounts/account.js";
import type { RepositoryIdentity } from "../accounts/reach.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { GitHubApp } from "./github-app.js";

/** What an installation needs of its box. */
export interface InstallationContext {
  /** The account of a login, made as a user when there is none. */
  person: (login: string) => Account;
  repositoriesOf: (account: Account) => readonly BoxRepository[];
  publish: (event: InstallationEvent) => void;
  /** Called when it is uninstalled. */
  removed: (installation: Installation) => void;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

/** What happens to an installation. */
export type InstallationEvent = {
  installation: Installation;
  /** Those that it reaches, or those that were added or removed. */
  repositories: readonly BoxRepository[];
  sender: Account;
} & (
  | {
      event: "installation";
      action: "created" | "deleted" | "suspend" | "unsuspend" | "new_permissions_accepted";
    }
  | { event: "installation_repositories"; action: "added" | "removed" }
);

/** What a new installation is made of. */
export interface InstallationParts {
  id: number;
  app: GitHubApp;
  account: Account;
  selection: "all" | "selected";
  repositoryIds: readonly number[];
}

/** Who does something to an installation; default: the account itself, or an owner of the organization. */
export interface ByWhom {
  by?: string;
}

/** A GitHub App on an account: what it may do there, and on which repositories. */
export class Installation {
  readonly id: number;
  readonly app: GitHubApp;
  readonly account: Account;
  selection: "all" | "selected";
  /** What was accepted; the App may ask for more meanwhile. */
  permissions: Permissions;
  events: readonly string[];
  suspended: { by: Account; at: number } | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  updatedAt: number;
  private readonly selected: Set<number>;
  private isRemoved = false;

  constructor(
    { id, app, account, selection, repositoryIds }: InstallationParts,
    private readonly context: InstallationContext,
  ) {
    this.id = id;
    this.app = app;
    this.account = account;
    this.selection = selection;
    this.selected = new Set(repositoryIds);
    this.permissions = { ...app.permissions };
    this.events = [...app.events];
    this.createdAt = context.clock();
    this.updatedAt = this.createdAt;
  }

  /** The repositories it reaches, in the order they were made. */
  get repositories(): BoxRepository[] {
    return this.context.repositoriesOf(this.account).filter((repository) => this.covers(repository));
  }

  /** Whether it reaches a repository. */
  covers(repository: RepositoryIdentity): boolean {
    return repository.owner === this.account && (this.selection === "all" || this.selected.has(repository.id));
  }

  /** Uninstalls: its tokens are worthless from now on. */
  remove({ by }: ByWhom = {}): void {
    if (this.isRemoved) return;
    this.isRemoved = true;
    const { repositories } = this;
    this.context.removed(this);
    this.publish("deleted", repositories, by);
  }

  /** Suspends: nothing can be done with it until {@link unsuspend}. */
  suspend({ by }: ByWhom = {}): void {
    this.suspended = { by: this.person(by), at: this.context.clock() };
    this.publish("suspend", this.repositories, by);
  }

  /** Ends the suspension. */
  unsuspend({ by }: ByWhom = {}): void {
    this.suspended = undefined;
    this.publish("unsuspend", this.repositories, by);
  }

  /** Accepts what the App asks for by now. */
  acceptPermissions({ by }: ByWhom = {}): void {
    this.permissions = { ...this.app.permissions };
    this.events = [...this.app.events];
    this.publish("new_permissions_accepted", this.repositories, by);
  }

  /** Lets it reach more repositories, by name; from "all" it becomes a selection of these. Throws for one that does not exist. */
  addRepositories(names: readonly string[], { by }: ByWhom = {}): void {
    const repositories = names.map((name) => this.find(name)).filter((repository) => !this.selected.has(repository.id));
    this.selection = "selected";
    for (const { id } of repositories) this.selected.add(id);
    this.publishRepositories("added", repositories, by);
  }

  /** Lets it reach a repository that it has made itself. */
  join(repository: BoxRepository): void {
    if (this.covers(repository) || repository.owner !== this.account) return;
    this.selected.add(repository.id);
    this.publishRepositories("added", [repository], this.app.bot.login);
  }

  /** Takes repositories from its reach, by name; from "all" it becomes a selection of the others. */
  removeRepositories(names: readonly string[], { by }: ByWhom = {}): void {
    const reached = this.repositories;
    this.selection = "selected";
    const removed = names.map((name) => this.find(name));
    for (const { id } of reached) this.selected.add(id);
    for (const { id } of removed) this.selected.delete(id);
    this.publishRepositories("removed", removed, by);
  }

  /** Lets it reach all repositories of the account, future ones included. */
  selectAll({ by }: ByWhom = {}): void {
    const before = this.repositories;
    this.selection = "all";
    const added = this.repositories.filter((repository) => !before.includes(repository));
    this.publishRepositories("added", added, by);
  }

  /** Whoever acts: the login given, else the account itself or an owner of the organization. */
  private person(by: string | undefined): Account {
    return this.context.person(by ?? ownerLogin(this.account));
  }

  private find(name: string): BoxRepository {
    return findByName(this.context.repositoriesOf(this.account), name);
  }

  private publish(
    action: "deleted" | "suspend" | "unsuspend" | "new_permissions_accepted",
    repositories: readonly BoxRepository[],
    by: string | undefined,
  ): void {
    this.updatedAt = this.context.clock();
    const sender = this.person(by);
    this.context.publish({ event: "installation", action, installation: this, repositories, sender });
  }

  private publishRepositories(
    action: "added" | "removed",
    repositories: readonly BoxRepository[],
    by: string | undefined,
  ): void {
    this.updatedAt = this.context.clock();
    const sender = this.person(by);
    this.context.publish({ event: "installation_repositories", action, installation: this, repositories, sender });
  }
}

/** The repository of that name (`name` or `owner/name`); throws when there is none. */
export function findByName(repositories: readonly BoxRepository[], wanted: string): BoxRepository {
  const name = wanted.replace(/^.*\//, "").toLowerCase();
  const found = repositories.find((repository) => repository.name.toLowerCase() === name);
  if (found === undefined) throw new Error(`There is no repository ${wanted}`);
  return found;
}
