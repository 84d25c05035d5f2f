import { type Clock, systemClock } from "../adapters/clock.js";
import type { GitHubSdkStores } from "../adapters/stores.js";
import { MemoryBaselineStore } from "./memory-baseline-store.js";
import { MemoryConnectionStore } from "./memory-connection-store.js";
import { MemoryDeliveryStore } from "./memory-delivery-store.js";
import { MemoryInstallationStore } from "./memory-installation-store.js";
import { MemoryLinkStore } from "./memory-link-store.js";
import { MemoryLockStore } from "./memory-lock-store.js";
import { MemoryResolutionStore } from "./memory-resolution-store.js";
import { MemoryStateStore } from "./memory-state-store.js";
import { MemorySyncRecordStore } from "./memory-sync-record-store.js";

/** The options of {@link memoryStores}. */
export interface MemoryStoresOptions {
  /** Defaults to the system's clock. */
  readonly clock?: Clock;
}

/**
 * Creates stores that keep everything in the memory of this process, for tests and for a first try. After a restart no user is
 * connected and no earlier sync is known.
 */
export function memoryStores({ clock = systemClock }: MemoryStoresOptions = {}): GitHubSdkStores {
  return {
    records: new MemorySyncRecordStore([], clock),
    baselines: new MemoryBaselineStore(),
    locks: new MemoryLockStore(clock),
    connections: new MemoryConnectionStore(),
    states: new MemoryStateStore(clock),
    installations: new MemoryInstallationStore(),
    deliveries: new MemoryDeliveryStore(clock),
    resolutions: new MemoryResolutionStore(),
    links: new MemoryLinkStore(),
  };
}
