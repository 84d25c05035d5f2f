import { setMaxListeners } from "node:events";

/**
 * Runs work that ends with any of the signals.
 *
 * @returns the work's result
 * @throws the reason of the first aborted signal, at once, even when the work ignores the signal that it is given
 */
export async function abortable<Result>(
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  for (const signal of signals) signal.throwIfAborted();
  const controller = new AbortController();
  let rejectAborted = (_reason: unknown): void => {};
  const aborted = new Promise<never>((_, reject) => {
    rejectAborted = reject;
  });
  const stops = signals.map((signal) => {
    // One signal ends any number of requests: many listeners are not a leak here.
    setMaxListeners(0, signal);
    const onAbort = (): void => {
      controller.abort(signal.reason);
      rejectAborted(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    return () => signal.removeEventListener("abort", onAbort);
  });
  try {
    return await Promise.race([run(controller.signal), aborted]);
  } finally {
    for (const stop of stops) stop();
  }
}
