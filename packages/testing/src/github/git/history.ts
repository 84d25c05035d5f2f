import { type Commit, parseCommit } from "./commit.js";
import type { ObjectDatabase } from "./object-database.js";

/** A commit with its ID. */
export interface CommitWithId extends Commit {
  oid: string;
}

/** The result of comparing `head` with `base` in the commit graph. */
export interface Comparison {
  /** Commits that only head has, parents before children. */
  ahead: CommitWithId[];
  /** Number of commits that only base has. */
  behind: number;
  mergeBase: string | undefined;
}

/** The commit graph of a repository. */
export class History {
  private readonly commits = new Map<string, CommitWithId>();

  constructor(private readonly objects: ObjectDatabase) {}

  /** Returns a commit, or `undefined` when `oid` is not a commit of the repository. */
  async commit(oid: string): Promise<CommitWithId | undefined> {
    const known = this.commits.get(oid);
    if (known !== undefined) return known;
    const body = await this.objects.readAs("commit", oid);
    if (body === undefined) return undefined;
    const commit = { oid, ...parseCommit(body) };
    this.commits.set(oid, commit);
    return commit;
  }

  /** Returns all commits reachable from `head`, children before parents, otherwise newer before older. */
  async log(head: string): Promise<CommitWithId[]> {
    return childrenFirst(await this.reachable([head]));
  }

  /** True when `ancestor` is reachable from `descendant`, or both are the same commit. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const seen = new Set<string>();
    const waiting = [descendant];
    for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
      if (oid === ancestor) return true;
      if (seen.has(oid)) continue;
      seen.add(oid);
      waiting.push(...((await this.commit(oid))?.parents ?? []));
    }
    return false;
  }

  /** Returns the commits reachable from `heads` but not from `excluded`, parents before children. */
  async missing(heads: readonly string[], excluded: readonly string[]): Promise<CommitWithId[]> {
    const known = await this.reachable(excluded);
    return childrenFirst(await this.reachable(heads, known)).reverse();
  }

  /** Compares two commits. */
  async compare(base: string, head: string): Promise<Comparison> {
    const ofBase = await this.reachable([base]);
    const ofHead = await this.reachable([head]);
    const ahead = childrenFirst(new Map([...ofHead].filter(([oid]) => !ofBase.has(oid)))).reverse();
    const behind = [...ofBase.keys()].filter((oid) => !ofHead.has(oid)).length;
    const common = new Map([...ofHead].filter(([oid]) => ofBase.has(oid)));
    return { ahead, behind, mergeBase: childrenFirst(common)[0]?.oid };
  }

  private async reachable(
    heads: readonly string[],
    stop: ReadonlyMap<string, unknown> = new Map(),
  ): Promise<Map<string, CommitWithId>> {
    const found = new Map<string, CommitWithId>();
    const waiting = [...heads];
    for (let oid = waiting.pop(); oid !== undefined; oid = waiting.pop()) {
      if (found.has(oid) || stop.has(oid)) continue;
      const commit = await this.commit(oid);
      if (commit === undefined) continue;
      found.set(oid, commit);
      waiting.push(...commit.parents);
    }
    return found;
  }
}

function childrenFirst(commits: ReadonlyMap<string, CommitWithId>): CommitWithId[] {
  const children = new Map<string, number>();
  for (const { parents } of commits.values()) {
    for (const parent of parents) children.set(parent, (children.get(parent) ?? 0) + 1);
  }
  const ready = [...commits.values()].filter(({ oid }) => (children.get(oid) ?? 0) === 0);
  const order: CommitWithId[] = [];
  while (ready.length > 0) {
    ready.sort((a, b) => a.committer.seconds - b.committer.seconds);
    const next = ready.pop();
    if (next === undefined) break;
    order.push(next);
    for (const oid of next.parents) {
      const left = (children.get(oid) ?? 0) - 1;
      children.set(oid, left);
      const parent = commits.get(oid);
      if (left === 0 && parent !== undefined) ready.push(parent);
    }
  }
  return order;
}
