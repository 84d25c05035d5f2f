import { constants } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { type ProjectWriteSubject, projectWriteConformance } from "@infrajet/github-testing/conformance";
import { afterAll, afterEach, describe, it, vi } from "vitest";

// Another process may change the folder between any two file system calls of the source, and the source may be killed there.
// Instead of racing with a process, a function runs before each call.
const steps = vi.hoisted(() => ({ before: null as null | (() => Promise<void> | void), hasHardLinks: true }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof import("node:fs/promises")>();
  type Call = (...parameters: never[]) => Promise<unknown>;
  let isBusy = false;
  const step = async (): Promise<void> => {
    if (steps.before === null || isBusy) return;
    isBusy = true;
    try {
      await steps.before();
    } finally {
      isBusy = false;
    }
  };
  const counted =
    (call: Call): Call =>
    async (...parameters) => {
      await step();
      return call(...parameters);
    };
  const watched = (handle: object): object =>
    new Proxy(handle, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        // A power failure is not simulated, and waiting for the disk takes most of the time.
        if (name === "sync") return async () => {};
        const call = value.bind(target) as Call;
        return name === "writeFile" ? counted(call) : call;
      },
    });
  const { cp, lstat, mkdir, readdir, rm, rmdir, symlink, unlink } = real;
  const calls = Object.entries({ cp, lstat, mkdir, readdir, rm, rmdir, symlink, unlink });
  return {
    ...real,
    ...Object.fromEntries(calls.map(([name, call]) => [name, counted(call as Call)])),
    async open(...parameters: Parameters<typeof real.open>) {
      const [, flags] = parameters;
      // Opening a directory changes nothing; directories that are replaced meanwhile have a test of their own.
      if (typeof flags !== "number" || (flags & constants.O_DIRECTORY) === 0) await step();
      return watched(await real.open(...parameters));
    },
    async rename(from: string, to: string) {
      // The call that follows the last look at an empty file, see FilePlace.
      if (from.includes("-claimed-") && !to.includes("-claimed-") && !to.includes(".infrajet-"))
        return real.rename(from, to);
      await step();
      return real.rename(from, to);
    },
    async link(from: string, to: string) {
      await step();
      if (!steps.hasHardLinks) throw Object.assign(new Error("EPERM"), { code: "EPERM" });
      return real.link(from, to);
    },
  };
});

// Other test files of the process have loaded the modules without the mock.
vi.resetModules();
const { folderFiles } = await import("../../src/folder/index.js");
afterAll(() => vi.resetModules());

const project = { userId: "7", projectId: "network" };

async function subject(hasHardLinks: boolean): Promise<ProjectWriteSubject> {
  steps.hasHardLinks = hasHardLinks;
  const root = await realpath(await mkdtemp(join(tmpdir(), "folder-writing-")));
  const source = folderFiles(root, { maxOpenFiles: 2 });
  const missing = folderFiles(join(root, "missing"));
  return {
    source: {
      ...source,
      open: (key) => source.open(key),
      openToWrite: (key, options) => (key.projectId === "missing" ? missing : source).openToWrite(key, options),
    },
    project,
    missing: { userId: "7", projectId: "missing" },
    modes: ["100644", "100755", "120000"],
    async write(path, content, mode = "100644") {
      const absolute = join(root, path);
      await mkdir(dirname(absolute), { recursive: true });
      if (mode === "120000") return symlink(Buffer.from(content), absolute);
      await writeFile(absolute, content);
      await chmod(absolute, mode === "100755" ? 0o755 : 0o644);
    },
    async makeDirectory(path) {
      await mkdir(join(root, path), { recursive: true });
    },
    removeFile: (path) => rm(join(root, path)),
    removeDirectory: (path) => rm(join(root, path), { recursive: true }),
    rename: (from, to) => rename(join(root, from), join(root, to)),
    beforeStep(action) {
      steps.before = action;
    },
    async stored() {
      const found = new Map<string, string>();
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        const absolute = join(entry.parentPath, entry.name);
        if (entry.isDirectory()) continue;
        const content = entry.isSymbolicLink() ? await readlink(absolute) : await readFile(absolute, "utf8");
        found.set(relative(root, absolute), content);
      }
      return found;
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}

afterEach(() => {
  steps.before = null;
});

describe("folderFiles.openToWrite", () => {
  for (const { name, run } of projectWriteConformance) it(name, () => run(() => subject(true)), 60_000);
});

describe("folderFiles.openToWrite on a file system without hard links", () => {
  // A user can rename the empty file that claims a name; the file that the test looks for is then empty.
  const ofPlacing = projectWriteConformance.filter(
    ({ name }) => /any step|racing|absent|aside/.test(name) && !name.includes("a user renames"),
  );
  for (const { name, run } of ofPlacing) it(name, () => run(() => subject(false)), 60_000);
});
