import type { BaselineStore } from "../../adapters/baseline-store.js";
import type { Clock } from "../../adapters/clock.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { Baseline, StagedChange } from "../../domain/baseline.js";
import type { SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import type { LeaseKeeper } from "./lease-keeper.js";

/** The stores that a running sync writes to. */
export interface RecordStores {
  readonly records: SyncRecordStore;
  readonly baselines: BaselineStore;
  readonly clock: Clock;
}

/** A record that is being run. Writes the record and its baseline under the lease only. */
export class LeasedRecord {
  readonly #stores: RecordStores;
  readonly #lease: LeaseKeeper;
  #record: SyncRecord;

  constructor(stores: RecordStores, lease: LeaseKeeper, record: SyncRecord) {
    this.#stores = stores;
    this.#lease = lease;
    this.#record = record;
  }

  /** The record as it was last written. */
  get current(): SyncRecord {
    return this.#record;
  }

  /** The fencing token of the lease. */
  get leaseToken(): number {
    return this.#lease.token;
  }

  /** Writes a change of the record. @throws GitHubSdkError `lease_lost` */
  async save(change: SyncRecordChange): Promise<void> {
    const updatedAt = new Date(this.#stores.clock.now());
    const saved = await this.#stores.records.update(this.#record.id, this.#lease.token, { ...change, updatedAt });
    if (saved === null) throw leaseLost();
    this.#record = saved;
  }

  /** Stores the baseline change that applies once the attempt's commit is on the branch. @throws GitHubSdkError `lease_lost` */
  async stage(staged: StagedChange): Promise<void> {
    if (!(await this.#stores.baselines.stage(this.#record.target, staged, this.#lease.token))) throw leaseLost();
  }

  /** Replaces the target's baseline. @throws GitHubSdkError `lease_lost` */
  async saveBaseline(baseline: Baseline): Promise<void> {
    if (!(await this.#stores.baselines.save(this.#record.target, baseline, this.#lease.token))) throw leaseLost();
  }

  /** Renews the lease unless it lasts for that many milliseconds more. @throws GitHubSdkError `lease_lost` */
  ensureLease(milliseconds: number): Promise<void> {
    return this.#lease.ensure(milliseconds);
  }

  /** Lets the lease return to its usual duration. */
  relaxLease(): void {
    this.#lease.relax();
  }
}

/** Returns the error of a sync whose branch another process has leased. */
export function leaseLost(): GitHubSdkError {
  return new GitHubSdkError("lease_lost", "Another process took over this branch. Run the sync again.");
}
