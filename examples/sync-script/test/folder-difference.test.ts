import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { folderDifferences } from "../src/folder-difference.js";

let left: string;
let right: string;
beforeEach(async () => {
  for (const side of [0, 1]) {
    const folder = await mkdtemp(join(tmpdir(), "infrajet-difference-"));
    await mkdir(join(folder, "deep"));
    await writeFile(join(folder, "deep/file"), "content");
    await writeFile(join(folder, "script"), "#!/bin/sh\n");
    await chmod(join(folder, "script"), 0o755);
    if (side === 0) left = folder;
    else right = folder;
  }
  await mkdir(join(right, ".git"));
  await writeFile(join(right, ".git/HEAD"), "ref: refs/heads/main\n");
});
afterEach(async () => {
  await rm(left, { recursive: true });
  await rm(right, { recursive: true });
});

it("finds no difference between equal folders", async () => {
  expect(await folderDifferences(left, right)).toEqual([]);
});

it.skipIf(process.platform === "win32")("finds every kind of difference", async () => {
  await writeFile(join(right, "deep/file"), "Content");
  await chmod(join(right, "script"), 0o644);
  await writeFile(join(left, "only"), "");
  await writeFile(join(right, "more"), "");
  await symlink("script", join(left, "link"));
  await writeFile(join(right, "link"), "script");
  expect(await folderDifferences(left, right)).toEqual([
    "deep/file has another content",
    "link is plain instead of link",
    `only is missing in ${right}`,
    "script is plain instead of executable",
    `more should not be in ${right}`,
  ]);
});

it("wants what is left out to be on the first side only, and what is additional on the second only", async () => {
  const expected = { leftOut: ["state"], additional: ["README.md"] };
  await writeFile(join(left, "state"), "");
  await writeFile(join(right, "README.md"), "");
  expect(await folderDifferences(left, right, expected)).toEqual([]);
  await writeFile(join(right, "state"), "");
  await rm(join(right, "README.md"));
  expect(await folderDifferences(left, right, expected)).toEqual([
    `README.md should be in ${right}`,
    `state should not be in ${right}`,
  ]);
});
