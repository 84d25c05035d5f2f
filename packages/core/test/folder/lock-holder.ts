// Holds a lock until the parent process disconnects.
import { FileLock } from "../../src/folder/file-lock.js";

process.on("disconnect", () => process.exit());
await FileLock.acquire(process.argv[2] ?? "", { held: (holder) => new Error(`held by ${holder?.pid}`) }).then(
  () => process.send?.("acquired"),
  (error: unknown) => process.send?.(String(error)),
);
