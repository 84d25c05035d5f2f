import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { folderProjectFiles } from "../../src/folder/index.js";
import { listAll, openSession, temporaryFolder, writeFiles } from "./temporary-folder.js";

// No file system that ignores case can be mounted where the tests run, so the two calls that such a one answers
// differently are made to: everything else is real.
const spelling = vi.hoisted(() => ({ realpath: "as stored" as "as stored" | "as asked" }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  return {
    ...real,
    lstat: async (path: string, options: { bigint: true }) => real.lstat(await storedPath(path), options),
    realpath: async (path: string) => {
      const stored = await real.realpath(await storedPath(path));
      return spelling.realpath === "as stored" ? stored : path;
    },
  };
});

async function storedPath(path: string): Promise<string> {
  if (path === "/") return path;
  const parent = await storedPath(dirname(path));
  const names = await readdir(parent).catch((): string[] => []);
  const name = basename(path);
  return join(parent, names.find((stored) => folded(stored) === folded(name)) ?? name);
}

function folded(name: string): string {
  return name
    .normalize("NFC")
    .toLowerCase()
    .replace(/[. ]+$/, "");
}

describe.each(["as stored", "as asked"] as const)("on a file system that ignores case and tells paths %s", (told) => {
  beforeEach(() => {
    spelling.realpath = told;
  });

  it("reaches a project by its own spelling and by no other", async () => {
    const root = await temporaryFolder();
    await writeFiles(root, { "Ada/network/main.tf": "a", "Ada/Caf\u00e9/main.tf": "a" });
    await writeFiles(root, { "Ada/42/main.tf": "a", "Ada/\u304c/main.tf": "a", "Ada/\u304b\u3099\u304b/main.tf": "a" });
    const source = folderProjectFiles({ root });
    for (const own of ["network", "Caf\u00e9", "42", "\u304c", "\u304b\u3099\u304b"]) {
      expect(await listAll(await openSession(source, "Ada", own))).toMatchObject([{ path: "main.tf" }]);
    }
    for (const [userId, projectId] of [
      ["Ada", "Network"],
      ["Ada", "NETWORK"],
      ["ada", "network"],
      ["ADA", "network"],
      ["Ada", "network."],
      ["Ada", "network "],
      ["Ada", "Cafe\u0301"],
      ["Ada", "CAF\u00c9"],
      ["Ada", "42."],
      ["Ada", "42 "],
      ["Ada", "\u304b\u3099"],
      ["Ada", "\u304c\u304b"],
    ] as const) {
      const opened = source.open({ userId, projectId });
      await expect(opened, `${userId}/${projectId}`).rejects.toMatchObject({ code: "project_not_found" });
    }
  });
});
