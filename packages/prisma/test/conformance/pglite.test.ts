import { describe } from "vitest";
import { pgliteDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";
import { UNUSUAL } from "./unusual-settings.js";

describe("Prisma stores on PGlite", () => {
  storesConform(() => pgliteDatabase(), UNUSUAL.pglite);
});
