export type {
  BaselineRow,
  BaselineTable,
  Comparison,
  ConnectionRow,
  DeliveryRow,
  FindArgs,
  InstallationBindingRow,
  InstallationRepositoryRow,
  InstallationRow,
  LeaseRow,
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
export type { Provider } from "./store-database.js";
export type { PrismaBaselineStore } from "./stores/prisma-baseline-store.js";
