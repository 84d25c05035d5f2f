import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Resolves to the live memory of this process in bytes, including buffers. */
export function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // Another thread frees buffers after a collection; the next collection waits for it.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
