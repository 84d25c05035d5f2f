import { setImmediate } from "node:timers/promises";

const ITEMS_IN_A_TURN = 8;

/** Yields items and lets the event loop run between them. @throws the signal's reason when it is aborted */
export async function* yieldingToEventLoop<Item>(
  items: Iterable<Item>,
  signal: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  let index = 0;
  for (const item of items) {
    index += 1;
    if (index % ITEMS_IN_A_TURN === 0) await setImmediate();
    signal.throwIfAborted();
    yield item;
  }
}
