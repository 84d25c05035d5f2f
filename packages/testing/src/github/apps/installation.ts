import { type Account, ownerLogin, type Permissions } from "../accounts/account.js";
import type { RepositoryIdentity } from "../accounts/reach.js";
import type { BoxRepository } from "../repositories/repository.js";
import type { GitHubApp } from "./github-app.js";

/** The parts of the box that an installation uses. */
export interface InstallationContext {
  /** Returns the account with a login, and creates a user if it does not exist. */
  person: (login: string) => Account;
  repositoriesOf: (account: Account) => readonly BoxRepository[];
  publish: (event: InstallationEvent) => void;
  /** Called when an installation is removed. */
  removed: (installation: Installation) => void;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

/** A change of an installation. */
export type InstallationEvent = {
  installation: Installation;
  /** All repositories of the installation, or those that were added or removed. */
  repositories: readonly BoxRepository[];
  sender: Account;
  /** The member who requested the installation. */
  requester?: Account | undefined;
} & (
  | {
      event: "installation";
      action: "created" | "deleted" | "suspend" | "unsuspend" | "new_permissions_accepted";
    }
  | { event: "installation_repositories"; action: "added" | "removed" }
);

/** The members of a new installation. */
export interface InstallationParts {
  id: number;
  app: GitHubApp;
  account: Account;
  selection: "all" | "selected";
  repositoryIds: readonly number[];
}

/** The user who changes an installation. */
export interface ByWhom {
  /** Login of the user. Defaults to the account itself, or to the first owner of an organization. */
  by?: string;
}

/** The installation of a GitHub App on an account. */
export class Installation {
  readonly id: number;
  readonly app: GitHubApp;
  readonly account: Account;
  selection: "all" | "selected";
  /** Accepted permissions. The App can request more in the meantime. */
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

  /** The repositories that the installation has access to, in the order of their creation. */
  get repositories(): BoxRepository[] {
    return this.context.repositoriesOf(this.account).filter((repository) => this.covers(repository));
  }

  /** True when the installation has access to a repository. */
  covers(repository: RepositoryIdentity): boolean {
    return repository.owner === this.account && (this.selection === "all" || this.selected.has(repository.id));
  }

  /** Uninstalls the App and revokes the installation's tokens. */
  remove({ by }: ByWhom = {}): void {
    if (this.isRemoved) return;
    this.isRemoved = true;
    const { repositories } = this;
    this.context.removed(this);
    this.publish("deleted", repositories, by);
  }

  /** Suspends the installation: its tokens are rejected until {@link unsuspend}. */
  suspend({ by }: ByWhom = {}): void {
    this.suspended = { by: this.person(by), at: this.context.clock() };
    this.publish("suspend", this.repositories, by);
  }

  /** Ends the suspension. */
  unsuspend({ by }: ByWhom = {}): void {
    this.suspended = undefined;
    this.publish("unsuspend", this.repositories, by);
  }

  /** Accepts the permissions and events that the App currently requests. */
  acceptPermissions({ by }: ByWhom = {}): void {
    this.permissions = { ...this.app.permissions };
    this.events = [...this.app.events];
    this.publish("new_permissions_accepted", this.repositories, by);
  }

  /** Adds repositories by name. The selection `all` becomes `selected`. Throws when a repository does not exist. */
  addRepositories(names: readonly string[], { by }: ByWhom = {}): void {
    const repositories = names.map((name) => this.find(name)).filter((repository) => !this.selected.has(repository.id));
    this.selection = "selected";
    for (const { id } of repositories) this.selected.add(id);
    this.publishRepositories("added", repositories, by);
  }

  /** Adds a repository that the installation created itself. */
  join(repository: BoxRepository): void {
    if (this.covers(repository) || repository.owner !== this.account) return;
    this.selected.add(repository.id);
    this.publishRepositories("added", [repository], this.app.bot.login);
  }

  /** Removes repositories by name. The selection `all` becomes a selection of the other repositories. */
  removeRepositories(names: readonly string[], { by }: ByWhom = {}): void {
    const reached = this.repositories;
    this.selection = "selected";
    const removed = names.map((name) => this.find(name));
    for (const { id } of reached) this.selected.add(id);
    for (const { id } of removed) this.selected.delete(id);
    this.publishRepositories("removed", removed, by);
  }

  /** Grants access to all current and future repositories of the account. */
  selectAll({ by }: ByWhom = {}): void {
    const before = this.repositories;
    this.selection = "all";
    const added = this.repositories.filter((repository) => !before.includes(repository));
    this.publishRepositories("added", added, by);
  }

  /** Returns the account with a login, by default the installation's account or the first owner of the organization. */
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

/** Returns the repository with a name (`name` or `owner/name`). Throws when it does not exist. */
export function findByName(repositories: readonly BoxRepository[], wanted: string): BoxRepository {
  const name = wanted.replace(/^.*\//, "").toLowerCase();
  const found = repositories.find((repository) => repository.name.toLowerCase() === name);
  if (found === undefined) throw new Error(`The repository ${wanted} does not exist`);
  return found;
}
