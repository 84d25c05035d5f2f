import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { openDatabase } from "../src/database/open-database.js";

it("openDatabase refuses an embedded database that is open, names its process, and opens it after it was closed", async () => {
  const scratch = await mkdtemp(join(tmpdir(), "infrajet-embedded-"));
  const url = `pglite:${join(scratch, "database")}`;
  const first = await openDatabase(url);
  await expect(openDatabase(url)).rejects.toMatchObject({
    code: "store_failed",
    message: expect.stringContaining(`is in use by process ${process.pid} on `),
  });
  await first.close();
  await (await openDatabase(url)).close();
  await rm(scratch, { recursive: true });
});
