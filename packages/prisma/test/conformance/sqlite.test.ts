import { describe } from "vitest";
import { sqliteDatabase } from "../test-database.js";
import { storesConform } from "./stores-conform.js";
import { UNUSUAL } from "./unusual-settings.js";

describe("Prisma stores on SQLite with unusual settings", () => {
  storesConform(() => sqliteDatabase(UNUSUAL.sqlite), UNUSUAL.sqlite);
});
