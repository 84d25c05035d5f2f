import { setImmediate } from "node:timers/promises";

const ITEMS_IN_A_TURN = 8;

/** Goes through items whose handling may take a while: what else the process does comes in between, and an abort counts. */
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
