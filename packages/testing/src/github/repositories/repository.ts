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
import type { PullRequest } from "./pull-request.js";
import { type MovedRef, type ReplicationLag, RepositoryRefs } from "./repository-refs.js";
import type { BranchRule, ClassicProtection } from "./rules.js";

/** A file for {@link BoxRepository.commit}: its content, content and mode, or null to delete it. */
export type FileChange = string | Uint8Array | { content: string | Uint8Array; mode: FileMode } | null;

/** A commit that somebody makes behind the API's back. */
export interface CommitOptions {
  /** Default: the default branch. Made from it (or from nothing) when it does not exist. */
  branch?: string;
  message?: string;
  author?: { name: string; email: string };
  files: Record<string, FileChange>;
}

/** A file as the branch holds it. */
export interface RepositoryFile {
  mode: FileMode;
  oid: string;
  content: Buffer;
}

/** What a repository is made of. */
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

/** What all repositories of a box share. */
export interface RepositoryContext {
  cache: ObjectCache;
  pool: ProcessPool;
  lag: ReplicationLag;
  /** Milliseconds since the epoch. */
  clock: () => number;
  rename: (repository: BoxRepository, name: string) => void;
  transfer: (repository: BoxRepository, owner: string) => void;
  /** Called after refs have moved. */
  moved: (repository: BoxRepository, refs: readonly MovedRef[]) => void;
}

/** A repository of the box: a bare git repository on disk and what GitHub knows about it. */
export class BoxRepository {
  readonly id: number;
  owner: Account;
  name: string;
  private: boolean;
  archived: boolean;
  description: string | null;
  homepage: string | null;
  defaultBranch: string;
  /** The bare repository on disk; git may be run on it at any time. */
  readonly gitDir: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  pushedAt: number;
  readonly objects: ObjectDatabase;
  readonly refs: RepositoryRefs;
  readonly history: History;
  /** Commits that GitHub made and vouches for. */
  readonly verified = new Set<string>();
  readonly rules = new Map<string, readonly BranchRule[]>();
  readonly protections = new Map<string, ClassicProtection>();
  /** Granted roles by login in lower case. */
  readonly roles = new Map<string, Role>();
  readonly pulls: PullRequest[] = [];

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

  get fullName(): string {
    return `${this.owner.login}/${this.name}`;
  }

  /** Whether it has no commit on any branch, as GitHub means "empty". */
  get isEmpty(): boolean {
    return this.refs.list().length === 0;
  }

  /** Commits straight into git: somebody else's commit. Returns its id; throws when a file to delete is not there. */
  async commit(options: CommitOptions): Promise<string> {
    const ref = `refs/heads/${options.branch ?? this.defaultBranch}`;
    const who = this.signature(options.author ?? { name: "Somebody Else", email: "somebody@example.com" });
    for (;;) {
      const current = this.refs.read(ref);
      const parent = current ?? this.refs.read(`refs/heads/${this.defaultBranch}`);
      const tree = await this.editTree(parent, options.files);
      const message = options.message ?? "Somebody else's commit";
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

  /** The commit that a branch points at; null when there is no such branch. */
  async head(branch = this.defaultBranch): Promise<string | null> {
    return this.refs.read(`refs/heads/${branch}`) ?? null;
  }

  /** The files of a branch by path; none when the branch does not exist. Submodules have no content. */
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

  /** The commits of a branch, newest first. */
  async log(branch = this.defaultBranch): Promise<CommitWithId[]> {
    const head = this.refs.read(`refs/heads/${branch}`);
    return head === undefined ? [] : this.history.log(head);
  }

  /** What `git fsck --strict` prints; throws when it finds a fault. */
  async fsck(): Promise<string> {
    const { code, stdout, stderr } = await runGit(this.gitDir, ["fsck", "--strict", "--no-dangling", "--no-progress"]);
    const output = `${stdout}${stderr}`;
    const notices = /^notice: (HEAD points to an unborn branch|No default references).*\n?/gm;
    if (code !== 0 || output.replace(notices, "").trim() !== "") throw new Error(`git fsck: ${output}`);
    return output;
  }

  /** Gives the repository another name; the old one redirects from now on. */
  rename(name: string): void {
    this.context.rename(this, name);
  }

  /** Gives the repository to another account, made as a user when there is none; its former address redirects from now on. */
  transfer(owner: string): void {
    this.context.transfer(this, owner);
  }

  /** The ruleset rules of a branch, which need not exist; an empty list takes them away. */
  setRules(branch: string, rules: readonly BranchRule[]): void {
    this.rules.set(branch, rules);
  }

  /** Gives a user a role; "none" takes it away. */
  setPermission(login: string, role: Role): void {
    this.roles.set(login.toLowerCase(), role);
  }

  /** Protects a branch in the classic way. */
  protect(branch: string, protection: ClassicProtection = {}): void {
    this.protections.set(branch, protection);
  }

  /** Makes another branch the default one. */
  setDefaultBranch(branch: string): void {
    this.defaultBranch = branch;
    pointHeadAt(this.gitDir, branch);
  }

  /** A name and address at this moment. */
  signature({ name, email }: { name: string; email: string }): Signature {
    return { name, email, seconds: Math.floor(this.context.clock() / 1000), offset: "+0000" };
  }

  /** Stores a commit that no ref points at yet. */
  writeCommit(commit: Commit): string {
    return this.objects.write("commit", serializeCommit(commit));
  }

  /** Moves refs, all or none, and notes the time. Throws RefRefusedError. */
  async moveRefs(moves: Parameters<RepositoryRefs["move"]>[0]): Promise<void> {
    const moved = await this.refs.move(moves);
    this.noteWrite();
    this.context.moved(this, moved);
  }

  /** Runs a push and notes what it moved. */
  async push<T>(work: () => Promise<T>): Promise<T> {
    const { result, moved } = await this.refs.watch(work);
    this.noteWrite();
    this.context.moved(this, moved);
    return result;
  }

  /** The tree of a commit; undefined for no commit. */
  async treeOf(commit: string | undefined): Promise<string | undefined> {
    return commit === undefined ? undefined : (await this.history.commit(commit))?.tree;
  }

  /** The entry at a path in a commit. */
  async entryAt(commit: string, path: string): Promise<{ mode: FileMode; oid: string } | undefined> {
    const tree = await this.treeOf(commit);
    return tree === undefined ? undefined : entryAt(this.objects, tree, path);
  }

  /** The same repository, with the objects of another bare one (a push not yet accepted) instead of its own. */
  withObjectsOf(gitDir: string): BoxRepository {
    const objects = new ObjectDatabase(gitDir, this.context.cache, this.context.pool);
    const view: BoxRepository = Object.create(this);
    return Object.assign(view, { objects, history: new History(objects) });
  }

  /** The first branch of an empty repository becomes its default branch, whatever it is called. */
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
