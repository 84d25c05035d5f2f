import type { BaselineStore } from "./baseline-store.js";
import type { ConnectionStore } from "./connection-store.js";
import type { DeliveryStore } from "./delivery-store.js";
import type { InstallationStore } from "./installation-store.js";
import type { LinkStore } from "./link-store.js";
import type { LockStore } from "./lock-store.js";
import type { ResolutionStore } from "./resolution-store.js";
import type { StateStore } from "./state-store.js";
import type { SyncRecordStore } from "./sync-record-store.js";

/** The stores of the SDK. `records`, `baselines` and `locks` must use the same storage: the tokens of the locks fence the others. */
export interface GitHubSdkStores {
  readonly records: SyncRecordStore;
  readonly baselines: BaselineStore;
  readonly locks: LockStore;
  readonly connections: ConnectionStore;
  readonly states: StateStore;
  readonly installations: InstallationStore;
  readonly deliveries: DeliveryStore;
  readonly resolutions: ResolutionStore;
  readonly links: LinkStore;
}
