import type { Account } from "../accounts/account.js";
import type { Role } from "../accounts/role.js";
import { pointHeadAt } from "../git/bare-repository.js";
import { type Commit, type Signature, serializeCommit } from "../git/commit.js";
import { runGit } from "../git/git-process.js";
import { type CommitWithId, History } from "../git/history.js";
import type { ObjectCache } from "../git/object-cache.js";
import { ObjectDatabase } from "../git/object-database.js";
import type { ProcessPool } from "../git/process-pool.js";
import { RefDatabase, RefRefusedError } from "../git/ref-database.js";
import { entryAt, type FileMode, walkTree } from "../git/tree.js";
import { TreeEditor } from "../git/tree-editor.js";
import type { Label } from "./label.js";
import type { License } from "./license.js";
import type { PullRequest } from "./pull-request.js";
import { type MovedRef, type ReplicationLag, RepositoryRefs } from "./repository-refs.js";
import type { BranchRule, ClassicProtection } from "./rules.js";

/** A change of a file for {@link BoxRepository.commit}: content, content with mode, or null to delete the file. */
export type FileChange = string | Uint8Array | { content: string | Uint8Array; mode: FileMode } | null;

/** The options of a commit by another user, without an API request. */
export interface CommitOptions {
  /** Defaults to the default branch. Created from the default branch if it does not exist. */
  branch?: string;
  message?: string;
  author?: { name: string; email: string };
  files: Record<string, FileChange>;
}

/** A file of a branch. */
export interface RepositoryFile {
  mode: FileMode;
  oid: string;
  content: Buffer;
}

/** The members of a new repository. */
export interface RepositoryParts {
  id: number;
  owner: Account;
  name: string;
  private: boolean;
  archived: boolean;
  description: string | null;
  homepage: string | null;
  defaultBranch: string;
  gitDir: string;
}

/** The parts of the box that repositories use. */
export interface RepositoryContext {
  cache: ObjectCache;
  pool: ProcessPool;
  lag: ReplicationLag;
  /** Milliseconds since the epoch. */
  clock: () => number;
  rename: (repository: BoxRepository, name: string) => void;
  transfer: (repository: BoxRepository, owner: string) => void;
  /** Called after ref updates. */
  moved: (repository: BoxRepository, refs: readonly MovedRef[]) => void;
}

/** A repository of a box: a bare git repository on disk with GitHub's metadata. */
export class BoxRepository {
  readonly id: number;
  owner: Account;
  name: string;
  private: boolean;
  /** True for a private repository with the visibility `internal`. */
  isInternal = false;
  /** True when repositories can be created from this one. */
  isTemplate = false;
  /** The repository that this one was created from. */
  template: BoxRepository | null = null;
  license: License | null = null;
  topics: readonly string[] = [];
  archived: boolean;
  description: string | null;
  homepage: string | null;
  defaultBranch: string;
  /** Path of the bare repository. git can be run on it at any time. */
  readonly gitDir: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  pushedAt: number;
  readonly objects: ObjectDatabase;
  readonly refs: RepositoryRefs;
  readonly history: History;
  /** IDs of commits that GitHub signed. */
  readonly verified = new Set<string>();
  /** Ruleset rules by branch. */
  readonly rules = new Map<string, readonly BranchRule[]>();
  /** Classic protection by branch. */
  readonly protections = new Map<string, ClassicProtection>();
  /** Granted roles by login in lower case. */
  readonly roles = new Map<string, Role>();
  readonly pulls: PullRequest[] = [];
  /** Labels by name in lower case. */
  readonly labels = new Map<string, Label>();

  constructor(
    parts: RepositoryParts,
    private readonly context: RepositoryContext,
  ) {
    this.id = parts.id;
    this.owner = parts.owner;
    this.name = parts.name;
    this.private = parts.private;
    this.archived = parts.archived;
    this.description = parts.description;
    this.homepage = parts.homepage;
    this.defaultBranch = parts.defaultBranch;
    this.gitDir = parts.gitDir;
    this.createdAt = context.clock();
    this.pushedAt = this.createdAt;
    this.objects = new ObjectDatabase(parts.gitDir, context.cache, context.pool);
    this.refs = new RepositoryRefs(new RefDatabase(parts.gitDir, context.pool), context.lag);
    this.history = new History(this.objects);
  }

  /** `owner/name`. */
  get fullName(): string {
    return `${this.owner.login}/${this.name}`;
  }

  get visibility(): "public" | "private" | "internal" {
    if (!this.private) return "public";
    return this.isInternal ? "internal" : "private";
  }

  /** True when the repository has no refs. */
  get isEmpty(): boolean {
    return this.refs.list().length === 0;
  }

  /** Creates a commit of another user, without an API request. Returns its ID. Throws when a file to delete does not exist. */
  async commit(options: CommitOptions): Promise<string> {
    const ref = `refs/heads/${options.branch ?? this.defaultBranch}`;
    const who = this.signature(options.author ?? { name: "Another User", email: "another-user@example.com" });
    for (;;) {
      const current = this.refs.read(ref);
      const parent = current ?? this.refs.read(`refs/heads/${this.defaultBranch}`);
      const tree = await this.editTree(parent, options.files);
      const message = options.message ?? "Commit by another user";
      const parents = parent === undefined ? [] : [parent];
      const oid = this.writeCommit({ tree, parents, author: who, committer: who, message });
      try {
        await this.moveRefs([{ name: ref, before: current ?? null, after: oid }]);
        return oid;
      } catch (error) {
        if (!(error instanceof RefRefusedError) || !error.isConflict) throw error;
      }
    }
  }

  /** Returns the commit that a branch points at, or null when the branch does not exist. */
  async head(branch = this.defaultBranch): Promise<string | null> {
    return this.refs.read(`refs/heads/${branch}`) ?? null;
  }

  /** Returns the files of a branch by path; an empty map when the branch does not exist. Submodules have empty content. */
  async files(branch = this.defaultBranch): Promise<Map<string, RepositoryFile>> {
    const files = new Map<string, RepositoryFile>();
    const tree = await this.treeOf(this.refs.read(`refs/heads/${branch}`));
    if (tree === undefined) return files;
    for await (const { path, mode, oid } of walkTree(this.objects, tree)) {
      const content = mode === "160000" ? undefined : await this.objects.readAs("blob", oid);
      files.set(path, { mode, oid, content: content ?? Buffer.alloc(0) });
    }
    return files;
  }

  /** Returns the commits of a branch, newest first. */
  async log(branch = this.defaultBranch): Promise<CommitWithId[]> {
    const head = this.refs.read(`refs/heads/${branch}`);
    return head === undefined ? [] : this.history.log(head);
  }

  /** Runs `git fsck --strict` and returns its output. Throws when it reports a problem. */
  async fsck(): Promise<string> {
    const { code, stdout, stderr } = await runGit(this.gitDir, ["fsck", "--strict", "--no-dangling", "--no-progress"]);
    const output = `${stdout}${stderr}`;
    const notices = /^notice: (HEAD points to an unborn branch|No default references).*\n?/gm;
    if (code !== 0 || output.replace(notices, "").trim() !== "") throw new Error(`git fsck: ${output}`);
    return output;
  }

  /** Renames the repository. The old name redirects. */
  rename(name: string): void {
    this.context.rename(this, name);
  }

  /** Transfers the repository to another account, created as a user if it does not exist. The old address redirects. */
  transfer(owner: string): void {
    this.context.transfer(this, owner);
  }

  /** Sets the ruleset rules of a branch, which does not have to exist. An empty list removes them. */
  setRules(branch: string, rules: readonly BranchRule[]): void {
    this.rules.set(branch, rules);
  }

  /** Grants a role to a user. `none` removes it. */
  setPermission(login: string, role: Role): void {
    this.roles.set(login.toLowerCase(), role);
  }

  /** Sets the classic protection of a branch. */
  protect(branch: string, protection: ClassicProtection = {}): void {
    this.protections.set(branch, protection);
  }

  /** Sets the default branch. */
  setDefaultBranch(branch: string): void {
    this.defaultBranch = branch;
    pointHeadAt(this.gitDir, branch);
  }

  /** Returns a signature at the current time. */
  signature({ name, email }: { name: string; email: string }): Signature {
    return { name, email, seconds: Math.floor(this.context.clock() / 1000), offset: "+0000" };
  }

  /** Stores a commit object. Returns its ID. */
  writeCommit(commit: Commit): string {
    return this.objects.write("commit", serializeCommit(commit));
  }

  /**
   * Updates all refs or none.
   *
   * @throws RefRefusedError
   */
  async moveRefs(moves: Parameters<RepositoryRefs["move"]>[0]): Promise<void> {
    const moved = await this.refs.move(moves);
    this.noteWrite();
    this.context.moved(this, moved);
  }

  /** Runs a push and publishes the refs that it changed. */
  async push<T>(work: () => Promise<T>): Promise<T> {
    const { result, moved } = await this.refs.watch(work);
    this.noteWrite();
    this.context.moved(this, moved);
    return result;
  }

  /** Returns the tree of a commit, or `undefined` when the commit does not exist. */
  async treeOf(commit: string | undefined): Promise<string | undefined> {
    return commit === undefined ? undefined : (await this.history.commit(commit))?.tree;
  }

  /** Returns the entry at a path in a commit. */
  async entryAt(commit: string, path: string): Promise<{ mode: FileMode; oid: string } | undefined> {
    const tree = await this.treeOf(commit);
    return tree === undefined ? undefined : entryAt(this.objects, tree, path);
  }

  /** Returns a view of the repository with the objects of another bare repository, which holds a push that is being checked. */
  withObjectsOf(gitDir: string): BoxRepository {
    const objects = new ObjectDatabase(gitDir, this.context.cache, this.context.pool);
    const view: BoxRepository = Object.create(this);
    return Object.assign(view, { objects, history: new History(objects) });
  }

  /** Notes the time of a write, and makes the first branch of an empty repository the default branch. */
  private noteWrite(): void {
    this.pushedAt = this.context.clock();
    if (this.refs.read(`refs/heads/${this.defaultBranch}`) !== undefined) return;
    const branches = this.refs.list("refs/heads/");
    const [only] = branches;
    if (branches.length === 1 && only !== undefined) this.setDefaultBranch(only.name.slice("refs/heads/".length));
  }

  private async editTree(parent: string | undefined, files: Record<string, FileChange>): Promise<string> {
    const editor = await TreeEditor.open(this.objects, await this.treeOf(parent));
    for (const [path, change] of Object.entries(files)) {
      if (change === null) {
        if (!(await editor.delete(path))) throw new Error(`${path} is not in ${this.fullName}`);
        continue;
      }
      const isPlain = typeof change === "string" || change instanceof Uint8Array;
      const content = Buffer.from(isPlain ? change : change.content);
      await editor.set(path, isPlain ? "100644" : change.mode, this.objects.write("blob", content));
    }
    return editor.write();
  }
}
