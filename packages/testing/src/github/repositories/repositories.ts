import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Account, ownerLogin } from "../accounts/account.js";
import type { Accounts } from "../accounts/accounts.js";
import type { CurrentActor } from "../accounts/current-actor.js";
import type { DomainEvents } from "../domain-events.js";
import { initBareRepository, writeBranch } from "../git/bare-repository.js";
import { serializeTree } from "../git/tree.js";
import { BoxRepository, type RepositoryContext } from "./repository.js";
import type { MovedRef } from "./repository-refs.js";

/** A new repository. */
export interface CreateRepositoryOptions {
  /** A user or organization; made as a user when there is none. */
  owner: string;
  name: string;
  private?: boolean;
  /** Whether it begins with a commit that holds a README.md. */
  autoInit?: boolean;
  /** Default `main`. */
  defaultBranch?: string;
  archived?: boolean;
  description?: string;
  homepage?: string;
}

/** Tags that one push may move and still be announced. */
const MOST_TAGS = 3;

/** All repositories of a box, by name (without regard to case), by former name and by id. */
export class Repositories {
  private readonly byId = new Map<number, BoxRepository>();
  private readonly byName = new Map<string, BoxRepository>();
  private readonly former = new Map<string, BoxRepository>();

  constructor(
    private readonly folder: string,
    private readonly accounts: Accounts,
    private readonly nextId: () => number,
    private readonly context: Omit<RepositoryContext, "moved" | "rename" | "transfer">,
    private readonly domainEvents: DomainEvents,
    private readonly currentActor: CurrentActor,
  ) {}

  /** Makes a repository; throws when the owner has one of that name. */
  async create(options: CreateRepositoryOptions): Promise<BoxRepository> {
    const owner = this.accounts.ensure(options.owner);
    const key = `${owner.login}/${options.name}`.toLowerCase();
    if (this.byName.has(key)) throw new Error(`${key} already exists`);
    const id = this.nextId();
    const defaultBranch = options.defaultBranch ?? "main";
    const gitDir = join(this.folder, `${id}.git`);
    initBareRepository(gitDir, defaultBranch);
    const repository = new BoxRepository(
      {
        id,
        owner,
        name: options.name,
        private: options.private ?? false,
        archived: options.archived ?? false,
        description: options.description ?? null,
        homepage: options.homepage ?? null,
        defaultBranch,
        gitDir,
      },
      {
        ...this.context,
        rename: (target, name) => this.rename(target, name),
        transfer: (target, owner) => this.transfer(target, owner),
        moved: (target, refs) => this.publishPush(target, refs),
      },
    );
    this.byId.set(id, repository);
    this.byName.set(key, repository);
    // A new repository takes its name back from one that was called so before.
    this.former.delete(key);
    if (options.autoInit === true) this.initialize(repository);
    this.domainEvents.publish({ event: "repository", action: "created", repository, sender: this.sender(repository) });
    return repository;
  }

  /** The repository that has this name now. */
  find(owner: string, name: string): BoxRepository | undefined {
    return this.byName.get(`${owner}/${name}`.toLowerCase());
  }

  /** The repository that had this name once. */
  findFormer(owner: string, name: string): BoxRepository | undefined {
    return this.former.get(`${owner}/${name}`.toLowerCase());
  }

  findById(id: number): BoxRepository | undefined {
    return this.byId.get(id);
  }

  /** All of them in the order they were made, or those of one owner. */
  list(owner?: Account): BoxRepository[] {
    return [...this.byId.values()].filter((repository) => owner === undefined || repository.owner.id === owner.id);
  }

  /** Renames; throws when the owner already has one of that name. */
  rename(repository: BoxRepository, name: string): void {
    const from = repository.name;
    this.move(repository, repository.owner, name);
    const sender = this.sender(repository);
    this.domainEvents.publish({ event: "repository", action: "renamed", repository, from, sender });
  }

  /** Gives a repository to another account; throws when that has one of its name. */
  transfer(repository: BoxRepository, owner: string): void {
    const from = repository.owner;
    this.move(repository, this.accounts.ensure(owner), repository.name);
    const sender = this.sender(repository);
    this.domainEvents.publish({ event: "repository", action: "transferred", repository, from, sender });
  }

  /** Deletes a repository and everything in it. */
  delete(repository: BoxRepository): void {
    this.byId.delete(repository.id);
    this.byName.delete(repository.fullName.toLowerCase());
    for (const [name, candidate] of this.former) if (candidate === repository) this.former.delete(name);
    rmSync(repository.gitDir, { recursive: true, force: true });
    this.domainEvents.publish({ event: "repository", action: "deleted", repository, sender: this.sender(repository) });
  }

  private move(repository: BoxRepository, owner: Account, name: string): void {
    const before = repository.fullName.toLowerCase();
    const after = `${owner.login}/${name}`.toLowerCase();
    const holder = this.byName.get(after);
    if (holder !== undefined && holder !== repository) throw new Error(`${after} already exists`);
    this.byName.delete(before);
    this.former.set(before, repository);
    repository.owner = owner;
    repository.name = name;
    this.former.delete(after);
    this.byName.set(after, repository);
  }

  /** Pushes of more than three tags at once are not announced, as on GitHub. */
  private publishPush(repository: BoxRepository, refs: readonly MovedRef[]): void {
    const tags = refs.filter(({ name }) => name.startsWith("refs/tags/"));
    const branches = refs.filter(({ name }) => name.startsWith("refs/heads/"));
    const sender = this.sender(repository);
    for (const { name: ref, before, after } of [...branches, ...(tags.length > MOST_TAGS ? [] : tags)]) {
      this.domainEvents.publish({ event: "push", repository, ref, before, after, sender });
    }
  }

  /** Whoever is acting, else whoever speaks for the owner. */
  private sender({ owner }: BoxRepository): Account {
    return this.currentActor.account ?? this.accounts.ensure(ownerLogin(owner));
  }

  private initialize(repository: BoxRepository): void {
    const { objects, owner, name, description, gitDir, defaultBranch } = repository;
    const readme = `# ${name}\n${description === null ? "" : `\n${description}\n`}`;
    const oid = objects.write("blob", Buffer.from(readme));
    const entry = { mode: "100644", name: "README.md", rawName: Buffer.from("README.md"), oid } as const;
    const author = repository.signature({ name: owner.name, email: noreplyAddress(owner) });
    const commit = repository.writeCommit({
      tree: objects.write("tree", serializeTree([entry])),
      parents: [],
      author,
      committer: author,
      message: "Initial commit",
    });
    writeBranch(gitDir, defaultBranch, commit);
  }
}

/** The address that GitHub gives an account which keeps its own private. */
export function noreplyAddress({ id, login }: Account): string {
  return `${id}+${login}@users.noreply.github.com`;
}
