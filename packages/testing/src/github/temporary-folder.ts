import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MEMORY = "/dev/shm";

/** Room that must be left in memory before a box is put there (bytes). */
const ROOM = 2 * 1024 ** 3;

/**
 * Where a box keeps its repositories when nobody says otherwise: in memory where Linux has room for it, because a small
 * file costs a tenth there; else, and whenever TMPDIR is set, in the system's temporary folder.
 */
function defaultParentFolder(): string {
  if (process.env.TMPDIR !== undefined || process.platform !== "linux") return tmpdir();
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Folders of boxes that nobody has closed. */
const unclosed = new Set<string>();

/** Makes a folder of its own; one that is still there when Node ends goes with it. */
export function makeTemporaryFolder(parent = defaultParentFolder()): string {
  if (unclosed.size === 0) process.once("exit", removeUnclosed);
  const folder = mkdtempSync(join(parent, "github-box-"));
  unclosed.add(folder);
  return folder;
}

/** Removes a folder and everything in it. */
export function removeTemporaryFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  unclosed.delete(folder);
  if (unclosed.size === 0) process.off("exit", removeUnclosed);
}

function removeUnclosed(): void {
  for (const folder of unclosed) rmSync(folder, { recursive: true, force: true });
}
