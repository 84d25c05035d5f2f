import { setMaxListeners } from "node:events";
import type { Clock } from "@infrajet/github/adapters";
import { type AzureFailure, failureOf, RequestTimeout } from "./azure-failure.js";

/** How requests are sent. */
export interface RequestPolicy {
  readonly clock: Clock;
  /** Milliseconds that an answer, or the next piece of a content, may take. */
  readonly requestTimeout: number;
  /** How often a request is sent until its failure counts. */
  readonly maxTries: number;
  /** Milliseconds before the second try; it doubles from try to try. */
  readonly retryPause: number;
}

const LONGEST_PAUSE = 30_000;
const LONGEST_RETRY_AFTER = 60_000;

/**
 * Sends requests with a time limit each, and again after failures that pass: with exponential pauses, jitter, and as late as
 * Azure's `Retry-After` says. The SDK's own policy knows neither, and starts again at once.
 */
export class AzureRequests {
  constructor(readonly policy: RequestPolicy) {}

  /**
   * Sends a request that may be sent again.
   *
   * @param signals end it, and the pauses; their reason is thrown then.
   * @throws what the last try threw, when it was not transient or there were enough tries.
   */
  async send<Result>(
    signals: readonly AbortSignal[],
    request: (signal: AbortSignal, tries: number) => Promise<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.once(signals, (signal) => request(signal, tries));
      } catch (error) {
        throwIfAborted(signals);
        await this.pauseAfter(failureOf(error), tries, signals, error);
      }
    }
  }

  /** Sends a request once, within the time limit. */
  once<Result>(signals: readonly AbortSignal[], request: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return within(this.policy, signals, request);
  }

  /** Waits until a failed request may be sent again. @throws `error` when it should not. */
  async pauseAfter(
    failure: AzureFailure,
    tries: number,
    signals: readonly AbortSignal[],
    error: unknown,
  ): Promise<void> {
    const pause = retryPause(failure, tries, this.policy, Math.random());
    if (pause === null) throw error;
    await abortable(signals, (signal) => this.policy.clock.sleep(pause, signal));
  }
}

/**
 * Milliseconds until the next try, or `null` when there is none.
 *
 * @param tries how many there were.
 * @param random from 0 to 1: many clients that failed together do not come back together.
 */
export function retryPause(
  { isTransient, retryAfter }: AzureFailure,
  tries: number,
  { maxTries, retryPause: first }: Pick<RequestPolicy, "maxTries" | "retryPause">,
  random: number,
): number | null {
  if (!isTransient || tries >= maxTries) return null;
  const longest = Math.min(LONGEST_PAUSE, first * 2 ** (tries - 1));
  const asked = (retryAfter ?? 0) * 1_000;
  if (asked > LONGEST_RETRY_AFTER) return null;
  return Math.round(asked + longest * (asked > 0 ? random / 2 : (1 + random) / 2));
}

async function within<Result>(
  { clock, requestTimeout }: RequestPolicy,
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timer = new AbortController();
  const late = new AbortController();
  const onTime = (): void => late.abort(new RequestTimeout(requestTimeout));
  clock.sleep(requestTimeout, timer.signal).then(onTime, () => {});
  try {
    return await abortable([...signals, late.signal], run);
  } finally {
    timer.abort();
  }
}

/** Throws the reason of a signal that was aborted, if any was. */
export function throwIfAborted(signals: readonly AbortSignal[]): void {
  for (const signal of signals) signal.throwIfAborted();
}

/** Runs something that ends with any of the signals, and throws that signal's reason then. */
export async function abortable<Result>(
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  throwIfAborted(signals);
  const controller = new AbortController();
  // One signal ends any number of requests: many listeners are no leak here. (Without a signal the call would be about all.)
  if (signals.length > 0) setMaxListeners(0, ...signals);
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      const reason: unknown = signals.find((signal) => signal.aborted)?.reason;
      controller.abort(reason);
      reject(reason);
    };
  });
  for (const signal of signals) signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([run(controller.signal), aborted]);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", onAbort);
  }
}
