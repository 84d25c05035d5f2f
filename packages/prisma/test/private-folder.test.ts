import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder, makePrivateFolder, openDatabase } from "@infrajet/github-prisma/database";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "private-folder-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

async function existing(mode: number, name = "data"): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await chmod(folder, mode);
  return folder;
}

describe.skipIf(process.platform === "win32")("makePrivateFolder", () => {
  it("creates the folder and its parents with mode 0700", async () => {
    await makePrivateFolder(join(root, "a", "b"));
    expect([await modeOf(join(root, "a")), await modeOf(join(root, "a", "b"))]).toEqual(["700", "700"]);
  });

  it.each([0o755, 0o750, 0o744, 0o711])("changes the mode %o of an existing folder to 0700", async (mode) => {
    const folder = await existing(mode);
    await makePrivateFolder(folder);
    expect(await modeOf(folder)).toBe("700");
  });

  it("keeps an existing folder that is private", async () => {
    const folder = await existing(0o500);
    await makePrivateFolder(folder);
    expect(await modeOf(folder)).toBe("500");
  });

  it.each([0o777, 0o775, 0o722, 0o1777])(
    "rejects a folder with mode %o and names the command that repairs it",
    async (mode) => {
      const folder = await existing(mode, "it's data");
      await writeFile(join(folder, "key"), "secret", { mode: 0o666 });
      const error = await makePrivateFolder(folder).then(
        () => expect.fail("The folder was accepted."),
        (thrown: Error) => thrown,
      );
      expect(error).toMatchObject({ code: "store_failed", message: expect.stringContaining(folder) });
      const command = /run: (chmod .*)$/.exec(error.message)?.[1] ?? expect.fail("There is no command.");
      execFileSync("/bin/sh", ["-c", command]);
      await makePrivateFolder(folder);
      expect((await stat(join(folder, "key"))).mode & 0o077).toBe(0);
    },
  );
});

describe.skipIf(process.platform === "win32")("makeFolder", () => {
  it("does not change an existing folder", async () => {
    const folder = await existing(0o755);
    await makeFolder(folder);
    expect(await modeOf(folder)).toBe("755");
  });
});

describe.skipIf(process.platform === "win32")("openDatabase with an embedded database", () => {
  it("creates its folder with mode 0700", { timeout: 180_000 }, async () => {
    const database = await openDatabase(`pglite:${join(root, "database")}`);
    await database.close();
    expect(await modeOf(join(root, "database"))).toBe("700");
  });

  it("rejects a folder that other users can write to", async () => {
    const folder = await existing(0o777, "database");
    await expect(openDatabase(`pglite:${folder}`)).rejects.toMatchObject({
      code: "store_failed",
      message: expect.stringContaining("chmod -R go-rwx"),
    });
  });
});
