import { describe } from "vitest";
import { pgliteDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";

describe("Prisma stores on PGlite", () => {
  storesConform(pgliteDatabase);
});
