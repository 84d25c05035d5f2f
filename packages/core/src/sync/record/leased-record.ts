import type { Baseline, StagedChange } from "../../domain/baseline.js";
import type { SyncRecord, SyncRecordChange } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import type { SyncServices } from "../sync-services.js";
import type { LeaseKeeper } from "./lease-keeper.js";

/** A record that is being run, and the one way to write what belongs to it: under the lease, or not at all. */
export class LeasedRecord {
  readonly #services: Pick<SyncServices, "records" | "baselines" | "clock">;
  readonly #lease: LeaseKeeper;
  #record: SyncRecord;

  constructor(services: Pick<SyncServices, "records" | "baselines" | "clock">, lease: LeaseKeeper, record: SyncRecord) {
    this.#services = services;
    this.#lease = lease;
    this.#record = record;
  }

  /** The record as it was last written. */
  get current(): SyncRecord {
    return this.#record;
  }

  get leaseToken(): number {
    return this.#lease.token;
  }

  /** @throws GitHubSdkError `lease_lost` */
  async save(change: SyncRecordChange): Promise<void> {
    const updatedAt = new Date(this.#services.clock.now());
    const saved = await this.#services.records.update(this.#record.id, this.#lease.token, { ...change, updatedAt });
    if (saved === null) throw leaseLost();
    this.#record = saved;
  }

  /** Keeps what will be true once the attempt's commit has landed. @throws GitHubSdkError `lease_lost` */
  async stage(staged: StagedChange): Promise<void> {
    if (!(await this.#services.baselines.stage(this.#record.target, staged, this.#lease.token))) throw leaseLost();
  }

  /** @throws GitHubSdkError `lease_lost` */
  async saveBaseline(baseline: Baseline): Promise<void> {
    if (!(await this.#services.baselines.save(this.#record.target, baseline, this.#lease.token))) throw leaseLost();
  }

  /** Makes sure that the lease lasts for so many milliseconds more. @throws GitHubSdkError `lease_lost` */
  ensureLease(milliseconds: number): Promise<void> {
    return this.#lease.ensure(milliseconds);
  }
}

/** Somebody else runs the branch now. */
export function leaseLost(): GitHubSdkError {
  return new GitHubSdkError("lease_lost", "Another process took over this branch. Run the sync again.");
}
