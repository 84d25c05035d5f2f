import { describe, expect, it } from "vitest";
import { generatedClient } from "../../src/database/generated-client.js";
import { prismaStores } from "../../src/prisma-stores.js";
import { serverDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";
import { UNUSUAL } from "./unusual-settings.js";

const server = process.env.INFRAJET_TEST_POSTGRES_URL;

describe.skipIf(server === undefined)("Prisma stores on PostgreSQL with unusual settings", () => {
  storesConform(() => serverDatabase(server ?? "", UNUSUAL.postgresql), UNUSUAL.postgresql);
});

describe.skipIf(server === undefined)("prismaStores with a client whose sessions have an unsupported DateStyle", () => {
  it("fails with store_failed and names the setting instead of returning invalid dates", async () => {
    const database = await serverDatabase(server ?? "");
    const { PrismaPg } = await import("@prisma/adapter-pg");
    const url = new URL(database.url);
    url.searchParams.set("options", "-c datestyle=German");
    const client = await generatedClient("postgresql", new PrismaPg({ connectionString: url.href }));
    await expect(prismaStores(client).locks.acquire("name", 1_000)).rejects.toMatchObject({
      code: "store_failed",
      message: expect.stringContaining('The DateStyle of the PostgreSQL sessions is "German, '),
    });
    await client.$disconnect();
    await database.remove();
  });
});
