import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { listAll, openSession, temporaryFolder, writeFiles } from "./temporary-folder.js";

// The tests cannot mount a file system that ignores case, so the two calls that behave differently there are mocked.
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

// Other test files of the process have loaded the modules without the mock.
vi.resetModules();
const { folderProjectFiles } = await import("../../src/folder/index.js");
afterAll(() => vi.resetModules());

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

describe.each(["as stored", "as asked"] as const)(
  "folderProjectFiles on a file system that ignores case and returns paths %s",
  (told) => {
    beforeEach(() => {
      spelling.realpath = told;
    });

    it("finds a project by its own spelling only", async () => {
      const root = await temporaryFolder();
      await writeFiles(root, { "Ada/network/main.tf": "a", "Ada/Caf\u00e9/main.tf": "a" });
      await writeFiles(root, {
        "Ada/42/main.tf": "a",
        "Ada/\u304c/main.tf": "a",
        "Ada/\u304b\u3099\u304b/main.tf": "a",
      });
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
  },
);
