export type {
  BaselineRow,
  BaselineTable,
  ChangeCounterRow,
  ChangeCounterTable,
  ConnectionRow,
  InstallationBindingRow,
  InstallationRepositoryRow,
  InstallationRequestRow,
  InstallationRow,
  LeaseRow,
  ListedSyncRow,
  OAuthStateRow,
  PrismaStoreClient,
  PrismaTables,
  ProjectLinkRow,
  SyncRecordRow,
  SyncRecordTable,
  SyncSums,
  SyncSumsRow,
  SyncSumsTable,
} from "./client.js";
export type { DeliveryFigures, DeliveryRow, DeliveryTable, ListedDeliveryRow } from "./delivery-table.js";
export { type PrismaStores, type PrismaStoresOptions, prismaStores } from "./prisma-stores.js";
export type { Provider, WarningLogger } from "./store-database.js";
export type { PrismaBaselineStore } from "./stores/prisma-baseline-store.js";
export type { ConflictResolutionRow } from "./stores/resolution-row.js";
export type { Columns, Comparison, FindArgs, Order, Table, Where } from "./table.js";
