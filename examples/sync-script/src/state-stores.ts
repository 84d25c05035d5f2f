import {
  type Baseline,
  type BaselineStore,
  decodeBaseline,
  decodeStagedChange,
  encodeBaseline,
  encodeStagedChange,
  type GitHubSdkStores,
  type Lease,
  type LockStore,
  type StagedChange,
  type StoredBaseline,
  type SyncRecordStore,
  type SyncTarget,
  syncTargetText,
  systemClock,
} from "@infrajet/github/adapters";
import { MemorySyncRecordStore } from "@infrajet/github/memory";
import type { RememberedBaseline, StateContent } from "./state-content.js";

/** Called after every change. Resolves when the change is written. */
export type Keep = () => Promise<void>;

/** The stores that are kept between runs. */
export type RememberedStores = Pick<GitHubSdkStores, "records" | "baselines" | "locks">;

/** Creates the stores for the content of a state file. One process at a time may use them. */
export function stateStores(content: StateContent, keep: Keep): RememberedStores {
  return {
    records: recordStore(content, keep),
    baselines: baselineStore(content, keep),
    locks: lockStore(content, keep),
  };
}

function recordStore({ records }: StateContent, keep: Keep): SyncRecordStore {
  const memory = new MemorySyncRecordStore([...records.values()].sort((left, right) => left.id - right.id));
  const kept = async <Result extends Awaited<ReturnType<SyncRecordStore["find"]>>>(record: Result): Promise<Result> => {
    if (record === null) return record;
    records.set(record.id, structuredClone(record));
    await keep();
    return record;
  };
  return {
    create: async (draft, limit) => kept(await memory.create(draft, limit)),
    transition: async (id, step, change) => kept(await memory.transition(id, step, change)),
    update: async (id, leaseToken, change) => kept(await memory.update(id, leaseToken, change)),
    find: (id) => memory.find(id),
    due: (apiUrl, limit, except) => memory.due(apiUrl, limit, except),
    unfinished: (afterId, limit) => memory.unfinished(afterId, limit),
    recentlySynced: (apiUrl, limit) => memory.recentlySynced(apiUrl, limit),
    withOpenAttempts: (branch) => memory.withOpenAttempts(branch),
    history: (query, limit, cursor) => memory.history(query, limit, cursor),
    changedSince: (project, after, limit) => memory.changedSince(project, after, limit),
    summary: (query) => memory.summary(query),
    metrics: (userId) => memory.metrics(userId),
  };
}

function baselineStore({ baselines }: StateContent, keep: Keep): BaselineStore {
  const write = async (
    target: SyncTarget,
    leaseToken: number,
    change: Partial<Pick<RememberedBaseline, "baseline" | "staged">>,
  ): Promise<boolean> => {
    const key = syncTargetText(target);
    const held = baselines.get(key) ?? { leaseToken: 0, baseline: null, staged: null };
    if (leaseToken < held.leaseToken) return false;
    baselines.set(key, { ...held, ...change, leaseToken });
    await keep();
    return true;
  };
  return {
    load: async (target): Promise<StoredBaseline> => {
      const held = baselines.get(syncTargetText(target));
      return {
        baseline: held === undefined || held.baseline === null ? null : decodeBaseline(held.baseline),
        staged: held === undefined || held.staged === null ? null : decodeStagedChange(held.staged),
      };
    },
    save: async (target, baseline: Baseline, leaseToken) =>
      write(target, leaseToken, { baseline: encodeBaseline(baseline), staged: null }),
    stage: async (target, staged: StagedChange, leaseToken) =>
      write(target, leaseToken, { staged: encodeStagedChange(staged) }),
    unstage: (target, leaseToken) => write(target, leaseToken, { staged: null }),
  };
}

/** Leases end with the process, which uses the state file alone. Their tokens are stored, so that they keep increasing. */
function lockStore({ leaseTokens }: StateContent, keep: Keep): LockStore {
  const held = new Map<string, Lease>();
  const current = ({ name, token }: Lease): Lease | null => {
    const lease = held.get(name);
    return lease?.token === token ? lease : null;
  };
  const put = (name: string, token: number, ttl: number): Lease => {
    const lease = { name, token, expiresAt: systemClock.now() + ttl };
    held.set(name, lease);
    return { ...lease };
  };
  return {
    acquire: async (name, ttl) => {
      const last = held.get(name);
      if (last !== undefined && systemClock.now() < last.expiresAt) return null;
      const token = (leaseTokens.get(name) ?? 0) + 1;
      leaseTokens.set(name, token);
      const lease = put(name, token, ttl);
      await keep();
      return lease;
    },
    renew: async (lease, ttl) => (current(lease) === null ? null : put(lease.name, lease.token, ttl)),
    release: async (lease) => current(lease) !== null && held.delete(lease.name),
  };
}
