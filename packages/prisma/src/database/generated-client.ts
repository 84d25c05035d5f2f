import type { SqlDriverAdapterFactory } from "@prisma/client/runtime/client";
import type { PrismaStoreClient } from "../client.js";
import type { Provider } from "../store-database.js";

/** A client that this package brings along, and that has to be closed. */
export type GeneratedClient = PrismaStoreClient & { $disconnect(): Promise<void> };

/** The client that was generated for the kind of database; only that one is loaded. */
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
