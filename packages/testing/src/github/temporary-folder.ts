import { accessSync, constants, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const MEMORY = "/dev/shm";

/** Room that must be left in memory before a box is put there (bytes). */
const ROOM = 2 * 1024 ** 3;

/**
 * Where a box keeps its repositories when nobody says otherwise: in memory where Linux has room for it, because a small
 * file costs a tenth there; else, and whenever TMPDIR is set, in the system's temporary folder.
 */
export function temporaryFolder(): string {
  if (process.env.TMPDIR !== undefined || process.platform !== "linux") return tmpdir();
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}
