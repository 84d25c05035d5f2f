import type { Ref, RefDatabase, RefMove } from "../git/ref-database.js";

/** How far reads of refs lag behind writes, counted in requests that the box has received. */
export interface ReplicationLag {
  /** 0: every read sees every write. */
  requests: number;
  /** How many requests the box has received so far. */
  received: number;
}

/** A ref that was moved; undefined: it did not exist, or does not any more. */
export interface MovedRef {
  name: string;
  before: string | undefined;
  after: string | undefined;
}

/**
 * The refs of a repository as GitHub shows them: writes go to git at once, reads may show an older state for a while, as
 * GitHub's replicas do. `read` and `list` are the truth, `seen` and `listSeen` what an API read answers.
 */
export class RepositoryRefs {
  private readonly writes: { name: string; before: string | undefined; at: number }[] = [];

  constructor(
    private readonly refs: RefDatabase,
    private readonly lag: ReplicationLag,
  ) {}

  read(name: string): string | undefined {
    return this.refs.read(name);
  }

  list(prefix?: string): Ref[] {
    return this.refs.list(prefix);
  }

  seen(name: string): string | undefined {
    const write = this.unseenWrites().find((candidate) => candidate.name === name);
    return write === undefined ? this.refs.read(name) : write.before;
  }

  listSeen(prefix = "refs/"): Ref[] {
    const refs = new Map(this.refs.list(prefix).map(({ name, oid }) => [name, oid]));
    for (const { name, before } of this.unseenWrites().reverse()) {
      if (!name.startsWith(prefix)) continue;
      if (before === undefined) refs.delete(name);
      else refs.set(name, before);
    }
    return [...refs].map(([name, oid]) => ({ name, oid })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Moves all refs or none; throws RefRefusedError. Returns what changed. */
  async move(moves: readonly RefMove[]): Promise<MovedRef[]> {
    const moved = moves.map(({ name, after }) => ({ name, before: this.refs.read(name), after: after ?? undefined }));
    await this.refs.move(moves);
    this.note(moved);
    return moved.filter(({ before, after }) => before !== after);
  }

  /** Runs something that moves refs behind our back (a push) and notes what it moved. */
  async watch<T>(work: () => Promise<T>): Promise<{ result: T; moved: MovedRef[] }> {
    const before = new Map(this.refs.list().map(({ name, oid }) => [name, oid]));
    const result = await work();
    const after = new Map(this.refs.list().map(({ name, oid }) => [name, oid]));
    const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name),
    );
    const changes = moved.map((name) => ({ name, before: before.get(name), after: after.get(name) }));
    this.note(changes);
    return { result, moved: changes };
  }

  private note(writes: readonly { name: string; before: string | undefined }[]): void {
    // What was written before the lag was switched on has long been replicated.
    if (this.lag.requests === 0) this.writes.length = 0;
    else this.writes.push(...writes.map((write) => ({ ...write, at: this.lag.received })));
  }

  private unseenWrites(): { name: string; before: string | undefined }[] {
    if (this.lag.requests === 0) return [];
    return this.writes.filter(({ at }) => at + this.lag.requests >= this.lag.received);
  }
}
