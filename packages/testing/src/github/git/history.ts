import { type Commit, parseCommit } from "./commit.js";
import type { ObjectDatabase } from "./object-database.js";

/** A commit and its id. */
export interface CommitWithId extends Commit {
  oid: string;
}

/** How `head` stands to `base` in the commit graph. */
export interface Comparison {
  /** Commits of head that base does not have, parents before children. */
  ahead: CommitWithId[];
  /** Number of commits of base that head does not have. */
  behind: number;
  mergeBase: string | undefined;
}

/** The commit graph of one repository. */
export class History {
  private readonly commits = new Map<string, CommitWithId>();

  constructor(private readonly objects: ObjectDatabase) {}

  /** The commit, or undefined when `oid` is none. */
  async commit(oid: string): Promise<CommitWithId | undefined> {
    const known = this.commits.get(oid);
    if (known !== undefined) return known;
    const body = await this.objects.readAs("commit", oid);
    if (body === undefined) return undefined;
    const commit = { oid, ...parseCommit(body) };
    this.commits.set(oid, commit);
    return commit;
  }

  /** Everything reachable from `head`, children before parents, newer before older where that leaves a choice. */
  async log(head: string): Promise<CommitWithId[]> {
    return childrenFirst(await this.reachable([head]));
  }

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

  /** Commits reachable from `heads` but not from `excluded`, parents before children. */
  async missing(heads: readonly string[], excluded: readonly string[]): Promise<CommitWithId[]> {
    const known = await this.reachable(excluded);
    return childrenFirst(await this.reachable(heads, known)).reverse();
  }

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
