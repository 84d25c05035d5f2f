import { readdirSync, readlinkSync } from "node:fs";

/** Counts the open files of this process below a folder, removed ones included. Returns 0 on systems other than Linux. */
export function openFilesIn(folder: string): number {
  if (process.platform !== "linux") return 0;
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;
}
