export type {
  BaselineRow,
  BaselineTable,
  ConnectionRow,
  DeliveryRow,
  InstallationBindingRow,
  InstallationRepositoryRow,
  InstallationRow,
  LeaseRow,
  OAuthStateRow,
  PrismaStoreClient,
  PrismaTables,
  SyncRecordRow,
  SyncRecordTable,
  SyncSums,
  Table,
  Where,
} from "./client.js";
export { type PrismaStores, type PrismaStoresOptions, prismaStores } from "./prisma-stores.js";
export type { Provider } from "./store-database.js";
