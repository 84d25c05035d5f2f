export type {
  BaselineRow,
  BaselineTable,
  Columns,
  Comparison,
  ConnectionRow,
  DeliveryRow,
  FindArgs,
  InstallationBindingRow,
  InstallationRepositoryRow,
  InstallationRow,
  LeaseRow,
  ListedSyncRow,
  OAuthStateRow,
  Order,
  PrismaStoreClient,
  PrismaTables,
  SyncRecordRow,
  SyncRecordTable,
  SyncSums,
  SyncSumsRow,
  SyncSumsTable,
  Table,
  Where,
} from "./client.js";
export { type PrismaStores, type PrismaStoresOptions, prismaStores } from "./prisma-stores.js";
export type { Provider, WarningLogger } from "./store-database.js";
export type { PrismaBaselineStore } from "./stores/prisma-baseline-store.js";
