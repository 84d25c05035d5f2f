import { createHash } from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import type { NewContent } from "../../src/adapters/index.js";

// A process of killed-writer.test.ts: it writes to a folder and kills itself before one of its changes to the file system.

const [root = "", killedAt = "0"] = process.argv.slice(2);
let left = Number(killedAt);

function killBefore(name: "link" | "mkdir" | "rename" | "rmdir" | "symlink" | "unlink" | "open"): void {
  const real: unknown = Reflect.get(fs.promises, name);
  if (typeof real !== "function") throw new Error(`${name} is not a function`);
  const watched = (...parameters: unknown[]): unknown => {
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
    // The signal ends the process before the next call reaches the kernel.
    if (left <= 0) return new Promise(() => {});
    return Reflect.apply(real, fs.promises, parameters);
  };
  Object.assign(fs.promises, { [name]: watched });
}

for (const name of ["link", "mkdir", "rename", "rmdir", "symlink", "unlink", "open"] as const) killBefore(name);
syncBuiltinESMExports();

const { folderFiles } = await import("../../src/folder/index.js");

function identity(text: string): { readonly oid: string; readonly size: number } {
  const size = Buffer.byteLength(text);
  return { size, oid: createHash("sha1").update(`blob ${size}\0`).update(text).digest("hex") };
}

function content(text: string): NewContent {
  return {
    ...identity(text),
    mode: "100644",
    async *bytes() {
      yield Buffer.from(text);
    },
  };
}

const session = await folderFiles(root).openToWrite({ userId: "1", projectId: "1" });
const drop = { operation: "42/1", keep: "drop" } as const;
const aside = { operation: "42/1", keep: "aside" } as const;
await Promise.all(
  Array.from({ length: 8 }, async (_, index) => {
    const old = { ...identity(`old ${index}`), versionTag: null };
    await session.replace(`replaced/${index}`, content(`new ${index}`), old, drop);
    await session.replace(`kept/${index}`, content(`new ${index}`), old, aside);
    await session.replace(`created/${index}/file`, content(`new ${index}`), "absent", drop);
    await session.remove(`removed/${index}/file`, old, drop);
  }),
);
await session.close();
