import { describe } from "vitest";
import { sqliteDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";

describe("Prisma stores on SQLite", () => {
  storesConform(sqliteDatabase);
});
