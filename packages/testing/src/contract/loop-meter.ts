import { performance } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The costs of a piece of work for this process. */
export interface LoopCosts {
  /** The longest time that the event loop did not turn, in milliseconds. */
  readonly stallMs: number;
  /** The most memory that was used in addition to before, in bytes. Garbage counts until it is collected. */
  readonly growthBytes: number;
}

/**
 * Measures the stalls of the event loop and the growth of memory while something runs. Time in which the process did not get the
 * processor is not counted, so that a busy machine does not change the result.
 */
export async function measureLoop(run: () => Promise<void>): Promise<LoopCosts> {
  collectGarbage();
  const before = memoryInUse();
  let [growthBytes, stallMs, isRunning] = [0, 0, true];
  let last = now();
  const turn = (): void => {
    const { wall, cpu } = now();
    stallMs = Math.max(stallMs, Math.min(wall - last.wall, cpu - last.cpu));
    growthBytes = Math.max(growthBytes, memoryInUse() - before);
    last = now();
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await run();
  } finally {
    isRunning = false;
    turn();
  }
  return { stallMs, growthBytes };
}

function now(): { readonly wall: number; readonly cpu: number } {
  const { user, system } = process.cpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}

function memoryInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // Another thread frees buffers after a collection; the next collection waits for it.
  collect();
  collect();
}
