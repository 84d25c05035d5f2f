import { setMaxListeners } from "node:events";

/**
 * Runs work that ends when any of the signals is aborted.
 *
 * @returns the result of the work; as soon as a signal is aborted, its reason is thrown instead, even if the work does not
 * listen to the signal that it is given
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
