import { createHash } from "node:crypto";
import { chmod, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FileMode, NewContent } from "../../src/adapters/index.js";
import { folderTraits } from "../../src/folder/folder-traits.js";
import { folderFiles } from "../../src/folder/index.js";
import { listAll, openSession, temporaryFolder, writeFiles } from "./temporary-folder.js";

const PROJECT = { userId: "7", projectId: "network" };
const DROP = { operation: "42/1", keep: "drop" } as const;

function contentOf(text: string, mode: FileMode = "100644"): NewContent {
  return {
    size: text.length,
    oid: createHash("sha1").update(`blob ${text.length}\0${text}`).digest("hex"),
    mode,
    async *bytes() {
      yield Buffer.from(text);
    },
  };
}

describe("FolderWriteSession", () => {
  it.each(["/etc/passwd", "../secret", "../../secret", "a/../../../secret"])(
    "does not write a link to %s, which leads out of the project",
    async (target) => {
      const folder = await temporaryFolder();
      const session = await folderFiles(folder).openToWrite(PROJECT);
      const path = target === "../secret" ? "link" : "dir/link";
      const written = await session.replace(path, contentOf(target, "120000"), "absent", DROP);
      expect(written).toMatchObject({ outcome: "unsupported", reason: expect.stringContaining("outside") });
    },
  );

  it("keeps the permissions of a replaced file, except the executable bits", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { secret: "old" });
    await chmod(join(folder, "secret"), 0o640);
    const session = await folderFiles(folder).openToWrite(PROJECT);
    const old = { ...contentOf("old"), versionTag: null };
    await session.replace("secret", contentOf("new", "100755"), old, DROP);
    expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o750);
  });

  it("does not keep a version below a link", async () => {
    const folder = await temporaryFolder();
    const others = await temporaryFolder();
    await writeFiles(folder, { a: "mine" });
    await symlink(others, join(folder, ".infrajet"));
    const session = await folderFiles(folder).openToWrite(PROJECT);
    const old = { ...contentOf("mine"), versionTag: null };
    expect(await session.remove("a", old, { ...DROP, keep: "aside" })).toMatchObject({ outcome: "unsupported" });
    expect((await listAll(await openSession(folderFiles(folder)))).map(({ path }) => path)).toEqual([".infrajet", "a"]);
    expect(await listAll(await openSession(folderFiles(others)))).toEqual([]);
  });
});

describe("folderTraits", () => {
  it("refuses on Windows what its file systems do not support", async () => {
    const { refuses, links } = await folderTraits(await temporaryFolder(), false, "win32");
    const refused = ["a:b", "dir/a\\b", "dots.", "space ", "con", "dir/NUL.txt", "a\u0001b", "what?"];
    expect(refused.filter((path) => refuses(path) === null)).toEqual([]);
    expect(["main.tf", "console", ".hidden", "a b"].filter((path) => refuses(path) !== null)).toEqual([]);
    expect(links).toBe(false);
  });

  it("finds out from the names in the folder that case matters", async () => {
    const folder = await temporaryFolder();
    await writeFiles(folder, { "Main.tf": "" });
    expect(await folderTraits(folder, true)).toMatchObject({ caseSensitive: process.platform === "linux" });
  });
});
