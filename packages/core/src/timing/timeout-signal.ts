import { setMaxListeners } from "node:events";
import type { Clock } from "../adapters/clock.js";

/** A signal that is aborted after a time, and control over that time. */
export interface TimeoutSignal {
  /** Aborted with the timeout's error, or with the outer signal's reason. */
  readonly signal: AbortSignal;
  /** True when the time ran out before {@link TimeoutSignal.clear}. */
  readonly timedOut: boolean;
  /** Starts the whole time again, for work that has made progress. */
  restart(): void;
  /** Stops the timer and detaches the outer signal. Call it when the work has ended. */
  clear(): void;
}

/**
 * Starts a timer that aborts a signal with an error.
 *
 * Unlike `AbortSignal.any`, it leaves no trace on an outer signal that outlives many timeouts.
 *
 * @param ms milliseconds
 * @param error the reason that the signal is aborted with when the time is up
 * @param outer a signal that also aborts the returned signal
 */
export function timeoutSignal(
  clock: Pick<Clock, "sleep">,
  ms: number,
  error: Error,
  outer?: AbortSignal,
): TimeoutSignal {
  const controller = new AbortController();
  let timer = new AbortController();
  let timedOut = false;
  const start = (): void => {
    clock.sleep(ms, timer.signal).then(
      () => {
        timedOut = true;
        controller.abort(error);
      },
      () => {},
    );
  };
  const onAbort = (): void => controller.abort(outer?.reason);
  // One outer signal ends any number of requests: many listeners are not a leak here.
  if (outer !== undefined) setMaxListeners(0, outer);
  if (outer?.aborted) onAbort();
  outer?.addEventListener("abort", onAbort, { once: true });
  start();
  return {
    signal: controller.signal,
    get timedOut() {
      return timedOut;
    },
    restart: () => {
      timer.abort();
      timer = new AbortController();
      start();
    },
    clear: () => {
      outer?.removeEventListener("abort", onAbort);
      timer.abort();
    },
  };
}
