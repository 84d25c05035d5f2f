// Holds a folder's lock for as long as the process that started this one wants.
import { FolderLock } from "../src/database/folder-lock.js";

process.on("disconnect", () => process.exit());
await FolderLock.acquire(process.argv[2] ?? "").then(
  () => process.send?.("held"),
  (error: unknown) => process.send?.(String(error)),
);
