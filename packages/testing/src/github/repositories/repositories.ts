import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Account, ownerLogin } from "../accounts/account.js";
import type { Accounts } from "../accounts/accounts.js";
import type { CurrentActor } from "../accounts/current-actor.js";
import type { DomainEvents } from "../domain-events.js";
import { initBareRepository, writeBranch } from "../git/bare-repository.js";
import { TreeEditor } from "../git/tree-editor.js";
import { initialFiles } from "./initial-files.js";
import type { License } from "./license.js";
import { BoxRepository, type RepositoryContext } from "./repository.js";
import type { MovedRef } from "./repository-refs.js";

/** The options of a new repository. */
export interface CreateRepositoryOptions {
  /** Login of the user or organization. Created as a user if it does not exist. */
  owner: string;
  name: string;
  /** Defaults to false. */
  private?: boolean;
  /** True for an organization's repository that all members of its enterprise can see. It is private as well. */
  isInternal?: boolean;
  /** True to create a first commit with a README.md. Defaults to false. */
  autoInit?: boolean;
  /** The content of a `.gitignore` in the first commit. */
  gitignore?: string;
  /** A license in the first commit. */
  license?: License;
  /** The repository whose default branch becomes the first commit, in place of other files. */
  template?: BoxRepository;
  /** True for a repository that others can be created from. Defaults to false. */
  isTemplate?: boolean;
  /** Defaults to `main`. */
  defaultBranch?: string;
  /** Defaults to false. */
  archived?: boolean;
  description?: string;
  homepage?: string;
}

/** Maximum number of tags in a push that GitHub creates `push` events for. */
const MOST_TAGS = 3;

/** All repositories of a box by name (case-insensitive), former name and ID. */
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

  /** Creates a repository. Throws when the owner already has a repository of that name. */
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
        private: options.private ?? options.isInternal ?? false,
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
    // A new repository ends the redirect of a renamed one.
    this.former.delete(key);
    repository.isInternal = options.isInternal ?? false;
    repository.isTemplate = options.isTemplate ?? false;
    repository.license = options.license ?? null;
    repository.template = options.template ?? null;
    await this.initialize(repository, options);
    this.domainEvents.publish({ event: "repository", action: "created", repository, sender: this.sender(repository) });
    return repository;
  }

  /** Returns the repository with a current name. */
  find(owner: string, name: string): BoxRepository | undefined {
    return this.byName.get(`${owner}/${name}`.toLowerCase());
  }

  /** Returns the repository with a former name. */
  findFormer(owner: string, name: string): BoxRepository | undefined {
    return this.former.get(`${owner}/${name}`.toLowerCase());
  }

  /** Returns the repository with an ID. */
  findById(id: number): BoxRepository | undefined {
    return this.byId.get(id);
  }

  /** Returns all repositories, or those of an owner, in the order of their creation. */
  list(owner?: Account): BoxRepository[] {
    return [...this.byId.values()].filter((repository) => owner === undefined || repository.owner.id === owner.id);
  }

  /** Renames a repository. Throws when the owner already has a repository of that name. */
  rename(repository: BoxRepository, name: string): void {
    const from = repository.name;
    this.move(repository, repository.owner, name);
    const sender = this.sender(repository);
    this.domainEvents.publish({ event: "repository", action: "renamed", repository, from, sender });
  }

  /** Transfers a repository to another account. Throws when the account already has a repository of that name. */
  transfer(repository: BoxRepository, owner: string): void {
    const from = repository.owner;
    this.move(repository, this.accounts.ensure(owner), repository.name);
    const sender = this.sender(repository);
    this.domainEvents.publish({ event: "repository", action: "transferred", repository, from, sender });
  }

  /** Deletes a repository with its files on disk. */
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

  /** Publishes `push` events. As on GitHub, a push of more than three tags creates none for tags. */
  private publishPush(repository: BoxRepository, refs: readonly MovedRef[]): void {
    const tags = refs.filter(({ name }) => name.startsWith("refs/tags/"));
    const branches = refs.filter(({ name }) => name.startsWith("refs/heads/"));
    const sender = this.sender(repository);
    for (const { name: ref, before, after } of [...branches, ...(tags.length > MOST_TAGS ? [] : tags)]) {
      this.domainEvents.publish({ event: "push", repository, ref, before, after, sender });
    }
  }

  /** Returns the current actor, or outside of requests the account that acts for the owner. */
  private sender({ owner }: BoxRepository): Account {
    return this.currentActor.account ?? this.accounts.ensure(ownerLogin(owner));
  }

  private async initialize(
    repository: BoxRepository,
    { autoInit = false, gitignore, license, template }: CreateRepositoryOptions,
  ): Promise<void> {
    const { objects, owner, gitDir, defaultBranch } = repository;
    const files = await initialFiles(repository, { readme: autoInit, gitignore, license, template });
    if (files.size === 0) return;
    const editor = await TreeEditor.open(objects, undefined);
    for (const [path, { mode, content }] of files) {
      await editor.set(path, mode, "commit" in content ? content.commit : objects.write("blob", content));
    }
    const author = repository.signature({ name: owner.name, email: noreplyAddress(owner) });
    const commit = repository.writeCommit({
      tree: await editor.write(),
      parents: [],
      author,
      committer: author,
      message: "Initial commit",
    });
    writeBranch(gitDir, defaultBranch, commit);
  }
}

/** Returns the noreply email address of an account. */
export function noreplyAddress({ id, login }: Account): string {
  return `${id}+${login}@users.noreply.github.com`;
}
