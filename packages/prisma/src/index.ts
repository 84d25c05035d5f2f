export type {
  BaselineRow,
  BaselineTable,
  ConnectionRow,
  DeliveryRow,
  InstallationBindingRow,
  InstallationRepositoryRow,
  InstallationRow,
  LeaseRow,
  ListedSyncRow,
  OAuthStateRow,
  PrismaStoreClient,
  PrismaTables,
  SyncRecordRow,
  SyncRecordTable,
  SyncSums,
  SyncSumsRow,
  SyncSumsTable,
} from "./client.js";
export { type PrismaStores, type PrismaStoresOptions, prismaStores } from "./prisma-stores.js";
export type { Provider, WarningLogger } from "./store-database.js";
export type { PrismaBaselineStore } from "./stores/prisma-baseline-store.js";
export type { Columns, Comparison, FindArgs, Order, Table, Where } from "./table.js";
