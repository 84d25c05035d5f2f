import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import type { PrismaStoreClient } from "../client.js";
import type { Provider } from "../store-database.js";

/** A Prisma client that is bundled with this package. Disconnect it when it is no longer used. */
export type GeneratedClient = PrismaStoreClient & { $disconnect(): Promise<void> };

/** Loads the bundled client for a provider. */
export async function generatedClient(provider: Provider, adapter: SqlDriverAdapterFactory): Promise<GeneratedClient> {
  switch (provider) {
    case "postgresql": {
      const { getPrismaClientClass } = await import("../../generated/postgresql/internal/class.js");
      return new (getPrismaClientClass())({ adapter });
    }
    case "mysql": {
      const { getPrismaClientClass } = await import("../../generated/mysql/internal/class.js");
      return new (getPrismaClientClass())({ adapter });
    }
    case "sqlite": {
      const { getPrismaClientClass } = await import("../../generated/sqlite/internal/class.js");
      return new (getPrismaClientClass())({ adapter });
    }
  }
}
