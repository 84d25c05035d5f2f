import type {
  Connection,
  ConnectionDraft,
  Lease,
  OAuthState,
  SyncRecord,
  SyncRecordDraft,
} from "@infrajet/github/adapters";
import {
  baselineStoreConformance,
  type ConformanceCase,
  connectionStoreConformance,
  createManualClock,
  deliveryStoreConformance,
  lockStoreConformance,
  type StoreSubject,
  stateStoreConformance,
  syncChangesConformance,
  syncRecordStoreConformance,
} from "@infrajet/github-testing/conformance";
import { describe, expect, it } from "vitest";
import {
  MemoryBaselineStore,
  MemoryConnectionStore,
  MemoryDeliveryStore,
  MemoryLockStore,
  MemoryStateStore,
  MemorySyncRecordStore,
} from "../../src/memory/index.js";

/** Runs the cases of these names, which the store has to break, every one. */
async function breaks<Store>(
  cases: readonly ConformanceCase<StoreSubject<Store>>[],
  factory: () => StoreSubject<Store>,
  ...names: readonly string[]
): Promise<void> {
  for (const name of names) {
    const found = cases.find((each) => each.name === name);
    if (found === undefined) throw new Error(`There is no case "${name}"`);
    await expect(found.run(factory), name).rejects.toThrow();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the conformance suites", () => {
  it("fail for a lock store that checks and acquires in two steps", async () => {
    class TwoSteps extends MemoryLockStore {
      readonly #held = new Map<string, Lease>();
      override async acquire(name: string, ttl: number): Promise<Lease | null> {
        if (this.#held.has(name)) return null;
        await turn();
        const lease = { name, token: 1, expiresAt: ttl };
        this.#held.set(name, lease);
        return lease;
      }
    }
    const name = "acquire gives a free name to exactly one of many concurrent callers";
    await breaks(lockStoreConformance, () => ({ store: new TwoSteps() }), name);
  });

  it("fail for a lock store whose tokens start again", async () => {
    const clock = createManualClock();
    const factory = () => ({ store: new MemoryLockStore(clock), clock, reopen: () => new MemoryLockStore(clock) });
    await breaks(
      lockStoreConformance,
      factory,
      "acquire returns increasing tokens across releases, expiries and restarts",
    );
  });

  it("fail for a record store that returns its own objects", async () => {
    class Shared extends MemorySyncRecordStore {
      readonly #shared = new Map<number, SyncRecord>();
      override async create(draft: SyncRecordDraft): Promise<SyncRecord> {
        const record = await super.create(draft);
        this.#shared.set(record.id, record);
        return record;
      }
      override async find(id: number): Promise<SyncRecord | null> {
        return this.#shared.get(id) ?? null;
      }
    }
    const name = "The store keeps no reference to objects that it receives or returns";
    await breaks(syncRecordStoreConformance, () => ({ store: new Shared() }), name);
  });

  it("fail for a record store that shows a number before a lower one", async () => {
    class Late extends MemorySyncRecordStore {
      readonly #hidden = new Set<number>();
      override async create(draft: SyncRecordDraft): Promise<SyncRecord> {
        const record = await super.create(draft);
        this.#hidden.add(record.id);
        for (let turns = 0; turns <= record.id % 3; turns += 1) await turn();
        this.#hidden.delete(record.id);
        return record;
      }
      override async changedSince(...query: Parameters<MemorySyncRecordStore["changedSince"]>) {
        const found = await super.changedSince(...query);
        return { ...found, records: found.records.filter(({ id }) => !this.#hidden.has(id)) };
      }
      override async transition(): Promise<SyncRecord | null> {
        return null;
      }
    }
    const name = "changedSince never shows a number before all lower ones while callers race";
    await breaks(syncChangesConformance, () => ({ store: new Late() }), name);
  });

  it("fail for a baseline store that accepts every token", async () => {
    class Unfenced extends MemoryBaselineStore {
      override save(...[target, baseline]: Parameters<MemoryBaselineStore["save"]>): Promise<boolean> {
        return super.save(target, baseline, Number.MAX_SAFE_INTEGER);
      }
    }
    await breaks(
      baselineStoreConformance,
      () => ({ store: new Unfenced() }),
      "save, stage and unstage reject an older lease token and change nothing",
      "save keeps the write with the highest lease token of many concurrent writes",
    );
  });

  it("fail for a connection store that checks the account before it saves", async () => {
    class TwoSteps extends MemoryConnectionStore {
      override async save(draft: ConnectionDraft) {
        const owner: Connection | null = await this.findByGitHubAccount(draft);
        await turn();
        if (owner !== null) return super.save(draft);
        await this.remove({ apiUrl: draft.apiUrl, userId: (await this.findByGitHubAccount(draft))?.userId ?? "" });
        return super.save(draft);
      }
    }
    const name = "save connects an account to exactly one of many concurrent users";
    await breaks(connectionStoreConformance, () => ({ store: new TwoSteps() }), name);
  });

  it("fail for a state store that deletes in a second step", async () => {
    class TwoSteps extends MemoryStateStore {
      readonly #states = new Map<string, OAuthState>();
      override async put(state: OAuthState): Promise<void> {
        this.#states.set(state.state, state);
      }
      override async consume(_: string, state: string): Promise<OAuthState | null> {
        const found = this.#states.get(state) ?? null;
        await turn();
        this.#states.delete(state);
        return found;
      }
    }
    const name = "consume and consumeByBrowser return a state to exactly one of many concurrent callers";
    await breaks(stateStoreConformance, () => ({ store: new TwoSteps() }), name);
  });

  it("fail for a delivery store that ignores the expiry of claims", async () => {
    const still = createManualClock();
    const factory = () => ({ store: new MemoryDeliveryStore(still), clock: createManualClock() });
    const name = "claim gives an expired claim to the next caller, and the first caller can no longer end it";
    await breaks(deliveryStoreConformance, factory, name);
  });
});
