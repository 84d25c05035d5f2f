import type {
  Clock,
  ConnectionStore,
  DeliveryStore,
  InstallationStore,
  LinkStore,
  LockStore,
  ResolutionStore,
  StateStore,
  SyncRecordStore,
} from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { PrismaStoreClient } from "./client.js";
import { type Provider, StoreDatabase, type WarningLogger } from "./store-database.js";
import { PrismaBaselineStore } from "./stores/prisma-baseline-store.js";
import { PrismaConnectionStore } from "./stores/prisma-connection-store.js";
import { PrismaDeliveryStore } from "./stores/prisma-delivery-store.js";
import { PrismaInstallationStore } from "./stores/prisma-installation-store.js";
import { PrismaLinkStore } from "./stores/prisma-link-store.js";
import { PrismaLockStore } from "./stores/prisma-lock-store.js";
import { PrismaResolutionStore } from "./stores/prisma-resolution-store.js";
import { PrismaStateStore } from "./stores/prisma-state-store.js";
import { PrismaSyncRecordStore } from "./stores/prisma-sync-record-store.js";

/** Every store of the SDK, for the option `stores` of `createGitHubSdk`. */
export interface PrismaStores {
  readonly records: SyncRecordStore;
  readonly baselines: PrismaBaselineStore;
  readonly locks: LockStore;
  readonly connections: ConnectionStore;
  readonly states: StateStore;
  readonly installations: InstallationStore;
  readonly deliveries: DeliveryStore;
  readonly resolutions: ResolutionStore;
  readonly links: LinkStore;
}

/** Options of {@link prismaStores}. */
export interface PrismaStoresOptions {
  /** The kind of database. Defaults to the Prisma client's own; required when the client is wrapped. */
  readonly provider?: Provider;
  /** A clock for tests. Defaults to the database's clock. */
  readonly clock?: Clock;
  /** Receives a warning for each stored row that is skipped because it cannot be decoded. Defaults to no logging. */
  readonly logger?: WarningLogger;
}

const PROVIDERS: readonly Provider[] = ["postgresql", "mysql", "sqlite"];

/**
 * Returns every store of the SDK on the host's Prisma client, whose schema must contain this package's models. Any number of
 * processes may use one database: every method is atomic under READ COMMITTED and under REPEATABLE READ, and no state is kept
 * in memory.
 *
 * @throws GitHubSdkError `invalid_options` when `provider` is omitted and the client does not report a supported one
 */
export function prismaStores(client: PrismaStoreClient, options: PrismaStoresOptions = {}): PrismaStores {
  const database = new StoreDatabase(client, options.provider ?? providerOf(client), options);
  return {
    records: new PrismaSyncRecordStore(database),
    baselines: new PrismaBaselineStore(database),
    locks: new PrismaLockStore(database),
    connections: new PrismaConnectionStore(database),
    states: new PrismaStateStore(database),
    installations: new PrismaInstallationStore(database),
    deliveries: new PrismaDeliveryStore(database),
    resolutions: new PrismaResolutionStore(database),
    links: new PrismaLinkStore(database),
  };
}

function providerOf(client: object): Provider {
  const active = "_activeProvider" in client ? client._activeProvider : undefined;
  const provider = PROVIDERS.find((known) => known === active);
  if (provider !== undefined) return provider;
  throw new GitHubSdkError(
    "invalid_options",
    `The Prisma client's provider is ${active === undefined ? "unknown" : String(active)}. Set the option "provider" of prismaStores() to one of ${PROVIDERS.join(", ")}.`,
  );
}
