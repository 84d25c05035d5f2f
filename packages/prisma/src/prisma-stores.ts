import type {
  Clock,
  ConnectionStore,
  DeliveryStore,
  InstallationStore,
  LockStore,
  StateStore,
  SyncRecordStore,
} from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { PrismaStoreClient } from "./client.js";
import { type Provider, StoreDatabase } from "./store-database.js";
import { PrismaBaselineStore } from "./stores/prisma-baseline-store.js";
import { PrismaConnectionStore } from "./stores/prisma-connection-store.js";
import { PrismaDeliveryStore } from "./stores/prisma-delivery-store.js";
import { PrismaInstallationStore } from "./stores/prisma-installation-store.js";
import { PrismaLockStore } from "./stores/prisma-lock-store.js";
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
}

/** What {@link prismaStores} can be told. */
export interface PrismaStoresOptions {
  /** The database's kind; a Prisma client tells it itself unless something else is wrapped around it. */
  readonly provider?: Provider;
  /** Tells the time in place of the database: for tests. */
  readonly clock?: Clock;
}

const PROVIDERS: readonly Provider[] = ["postgresql", "mysql", "sqlite"];

/**
 * Every store of the SDK on the host's own Prisma client, whose schema has this package's models. Any number of processes may
 * use one database: all verbs are atomic in it, under READ COMMITTED as under REPEATABLE READ, and what is in nobody's
 * memory survives a restart.
 *
 * @throws GitHubSdkError `invalid_options` when the client does not tell its database's kind and the option is left out
 */
export function prismaStores(client: PrismaStoreClient, options: PrismaStoresOptions = {}): PrismaStores {
  const database = new StoreDatabase(client, options.provider ?? providerOf(client), options.clock ?? null);
  return {
    records: new PrismaSyncRecordStore(database),
    baselines: new PrismaBaselineStore(database),
    locks: new PrismaLockStore(database),
    connections: new PrismaConnectionStore(database),
    states: new PrismaStateStore(database),
    installations: new PrismaInstallationStore(database),
    deliveries: new PrismaDeliveryStore(database),
  };
}

function providerOf(client: object): Provider {
  const told = "_activeProvider" in client ? client._activeProvider : undefined;
  const provider = PROVIDERS.find((known) => known === told);
  if (provider !== undefined) return provider;
  throw new GitHubSdkError(
    "invalid_options",
    `The Prisma client is for ${told === undefined ? "an unknown kind of database" : String(told)}: give prismaStores() the option "provider", one of ${PROVIDERS.join(", ")}.`,
  );
}
