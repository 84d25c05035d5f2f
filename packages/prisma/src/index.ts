export type { PrismaStoreClient, PrismaTables } from "./client.js";
export { type PrismaStores, type PrismaStoresOptions, prismaStores } from "./prisma-stores.js";
export type { Provider } from "./store-database.js";
