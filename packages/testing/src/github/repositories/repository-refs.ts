import type { Ref, RefDatabase, RefMove } from "../git/ref-database.js";

/** The lag of ref reads behind writes, as a number of requests. */
export interface ReplicationLag {
  /** Number of requests; 0 for no lag. */
  requests: number;
  /** Number of requests that the box has received. */
  received: number;
}

/** An updated ref. `before` is `undefined` for a new ref, `after` for a deleted one. */
export interface MovedRef {
  name: string;
  before: string | undefined;
  after: string | undefined;
}

/**
 * The refs of a repository with replication lag. Writes go to git immediately; API reads can return an older state, as GitHub's
 * replicas do.
 */
export class RepositoryRefs {
  private readonly writes: { name: string; before: string | undefined; at: number }[] = [];

  constructor(
    private readonly refs: RefDatabase,
    private readonly lag: ReplicationLag,
  ) {}

  /** Returns the current object ID of a ref. */
  read(name: string): string | undefined {
    return this.refs.read(name);
  }

  /** Returns the current refs with a prefix. */
  list(prefix?: string): Ref[] {
    return this.refs.list(prefix);
  }

  /** Returns the object ID of a ref as seen by API reads. */
  seen(name: string): string | undefined {
    const write = this.unseenWrites().find((candidate) => candidate.name === name);
    return write === undefined ? this.refs.read(name) : write.before;
  }

  /** Returns the refs with a prefix as seen by API reads. */
  listSeen(prefix = "refs/"): Ref[] {
    const refs = new Map(this.refs.list(prefix).map(({ name, oid }) => [name, oid]));
    for (const { name, before } of this.unseenWrites().reverse()) {
      if (!name.startsWith(prefix)) continue;
      if (before === undefined) refs.delete(name);
      else refs.set(name, before);
    }
    return [...refs].map(([name, oid]) => ({ name, oid })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Updates all refs or none.
   *
   * @returns the refs that changed
   * @throws RefRefusedError
   */
  async move(moves: readonly RefMove[]): Promise<MovedRef[]> {
    const moved = moves.map(({ name, after }) => ({ name, before: this.refs.read(name), after: after ?? undefined }));
    await this.refs.move(moves);
    this.note(moved);
    return moved.filter(({ before, after }) => before !== after);
  }

  /** Runs `work`, in which git updates refs (a push), and returns the refs that it changed. */
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
    // Writes before the lag was enabled count as replicated.
    if (this.lag.requests === 0) this.writes.length = 0;
    else this.writes.push(...writes.map((write) => ({ ...write, at: this.lag.received })));
  }

  private unseenWrites(): { name: string; before: string | undefined }[] {
    if (this.lag.requests === 0) return [];
    return this.writes.filter(({ at }) => at + this.lag.requests >= this.lag.received);
  }
}
