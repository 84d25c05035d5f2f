// Holds the lock of a folder until the parent process disconnects.
import { FolderLock } from "../src/database/folder-lock.js";

process.on("disconnect", () => process.exit());
await FolderLock.acquire(process.argv[2] ?? "").then(
  () => process.send?.("held"),
  (error: unknown) => process.send?.(String(error)),
);
