import { setImmediate as nextTurn } from "node:timers/promises";

// Long enough that yielding costs nothing, short enough that no request notices.
const MAX_TURN_MS = 10;

/** The time of the first check in the current turn of the event loop; `null` before it. The process has one event loop. */
let turnStartedAt: number | null = null;

function startOfTurn(): number {
  if (turnStartedAt === null) {
    turnStartedAt = performance.now();
    setImmediate(() => {
      turnStartedAt = null;
    }).unref();
  }
  return turnStartedAt;
}

/** True when work in this turn of the event loop, of all callers together, has taken 10 ms: time to {@link yieldToEventLoop}. */
export function isTurnOver(): boolean {
  return performance.now() - startOfTurn() >= MAX_TURN_MS;
}

/** Lets timers, I/O and other work run. @throws the signal's reason when it is aborted */
export async function yieldToEventLoop(signal: AbortSignal): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}

/** Yields items and lets the event loop run every 10 ms. @throws the signal's reason when it is aborted */
export async function* yieldingToEventLoop<Item>(
  items: Iterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  for (const item of items) {
    if (isTurnOver()) await yieldToEventLoop(signal);
    signal.throwIfAborted();
    yield item;
  }
}
