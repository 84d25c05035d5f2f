import { describe } from "vitest";
import { serverDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";
import { UNUSUAL } from "./unusual-settings.js";

const server = process.env.INFRAJET_TEST_MYSQL_URL;

describe.skipIf(server === undefined)("Prisma stores on MariaDB with unusual settings", () => {
  storesConform(() => serverDatabase(server ?? "", UNUSUAL.mysql), UNUSUAL.mysql);
});
