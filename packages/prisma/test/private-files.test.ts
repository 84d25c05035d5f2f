import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { openDatabase } from "../src/database/open-database.js";

describe.skipIf(process.platform === "win32")("openDatabase on SQLite", () => {
  it("creates the database's files for their owner only", async () => {
    const folder = await mkdtemp(join(tmpdir(), "infrajet-private-"));
    const database = await openDatabase(`file:${join(folder, "test.db")}`);
    await database.migrate();
    await database.stores.locks.acquire("name", 1_000);
    for (const name of ["test.db", "test.db-wal", "test.db-shm"])
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    await database.close();
    await rm(folder, { recursive: true });
  });
});
