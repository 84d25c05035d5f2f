import type { BaselineStore, StoredBaseline } from "../adapters/baseline-store.js";
import type { Baseline, ProjectJournal, ProposedChange, StagedChange } from "../domain/baseline.js";
import { type SyncTarget, syncTargetText } from "../domain/repository.js";

interface Held extends StoredBaseline {
  readonly leaseToken: number;
}

const NOTHING: Held = { baseline: null, staged: null, leaseToken: 0 };

/** A store of baselines in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryBaselineStore implements BaselineStore {
  readonly #held = new Map<string, Held>();

  async load(target: SyncTarget): Promise<StoredBaseline> {
    const { baseline, staged } = this.#held.get(syncTargetText(target)) ?? NOTHING;
    return {
      baseline: baseline === null ? null : copyBaseline(baseline),
      staged: staged === null ? null : copyStaged(staged),
    };
  }

  async stage(target: SyncTarget, staged: StagedChange, leaseToken: number): Promise<boolean> {
    return this.#write(target, leaseToken, ({ baseline }) => ({ baseline, staged: copyStaged(staged) }));
  }

  async save(target: SyncTarget, baseline: Baseline, leaseToken: number): Promise<boolean> {
    return this.#write(target, leaseToken, () => ({ baseline: copyBaseline(baseline), staged: null }));
  }

  async unstage(target: SyncTarget, leaseToken: number): Promise<boolean> {
    return this.#write(target, leaseToken, ({ baseline }) => ({ baseline, staged: null }));
  }

  #write(target: SyncTarget, leaseToken: number, change: (held: StoredBaseline) => StoredBaseline): boolean {
    const key = syncTargetText(target);
    const held = this.#held.get(key) ?? NOTHING;
    if (leaseToken < held.leaseToken) return false;
    this.#held.set(key, { ...change(held), leaseToken });
    return true;
  }
}

// structuredClone takes ten times as long for the 10,000 small entries of a large project.
function copyBaseline(baseline: Baseline): Baseline {
  const { entries, remote, contents, ignoreFiles, proposal, journal } = baseline;
  return {
    ...baseline,
    entries: copyMap(entries, shallow),
    remote: remote === null ? null : copyMap(remote, shallow),
    contents: copyMap(contents, bytes),
    ignoreFiles: copyMap(ignoreFiles, shallow),
    ...(proposal === undefined ? {} : { proposal: copyProposed(proposal) }),
    ...(journal === undefined ? {} : { journal: copyJournal(journal) }),
  };
}

function copyJournal(journal: ProjectJournal): ProjectJournal {
  return { ...journal, changes: copyMap(journal.changes, shallow) };
}

function copyProposed<Proposed extends ProposedChange>(proposed: Proposed): Proposed {
  const entries = copyMap(proposed.entries, (entry) => (entry === null ? null : shallow(entry)));
  return { ...proposed, entries, contents: copyMap(proposed.contents, bytes) };
}

function copyStaged({ syncId, attempt, change, proposed, journal }: StagedChange): StagedChange {
  return {
    syncId,
    attempt,
    ...(journal === undefined ? {} : { journal: copyJournal(journal) }),
    change: {
      entries: copyMap(change.entries, (entry) => (entry === null ? null : shallow(entry))),
      writes: copyMap(change.writes, (entry) => (entry === null ? null : shallow(entry))),
      contents: copyMap(change.contents, bytes),
    },
    ...(proposed === undefined ? {} : { proposed: copyProposed(proposed) }),
  };
}

function copyMap<Value>(map: ReadonlyMap<string, Value>, copy: (value: Value) => Value): ReadonlyMap<string, Value> {
  const copied = new Map<string, Value>();
  for (const [key, value] of map) copied.set(key, copy(value));
  return copied;
}

function shallow<Value extends object>(value: Value): Value {
  return { ...value };
}

function bytes(value: Uint8Array): Uint8Array {
  return Uint8Array.from(value);
}
