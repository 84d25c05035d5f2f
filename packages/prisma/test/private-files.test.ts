import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../src/database/open-database.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "infrajet-private-"));
});
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (path: string): Promise<number> => (await stat(join(folder, path))).mode & 0o777;

describe.skipIf(process.platform === "win32")("openDatabase", () => {
  it("creates the folder of an embedded database for its owner only", async () => {
    await (await openDatabase(`pglite:${join(folder, "new/database")}`)).close();
    expect(await modeOf("new/database")).toBe(0o700);
  });

  it("restricts the folder of an embedded database that other users can read", async () => {
    await mkdir(join(folder, "database"));
    await chmod(join(folder, "database"), 0o755);
    await (await openDatabase(`pglite:${join(folder, "database")}`)).close();
    expect(await modeOf("database")).toBe(0o700);
  });

  it("rejects the folder of an embedded database to which other users can write, with the command that fixes it", async () => {
    const database = join(folder, "database");
    await mkdir(database);
    for (const mode of [0o777, 0o720]) {
      await chmod(database, mode);
      await expect(openDatabase(`pglite:${database}`)).rejects.toMatchObject({
        code: "store_failed",
        message: expect.stringContaining(
          `(mode 0${mode.toString(8)}). Check its content and run: chmod 700 ${database}`,
        ),
      });
    }
  });

  it("creates the files of an SQLite database for their owner only", async () => {
    const database = await openDatabase(`file:${join(folder, "test.db")}`);
    await database.migrate();
    await database.stores.locks.acquire("name", 1_000);
    for (const name of ["test.db", "test.db-wal", "test.db-shm"]) expect(await modeOf(name)).toBe(0o600);
    await database.close();
  });
});
