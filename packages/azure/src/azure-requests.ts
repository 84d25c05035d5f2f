import { setMaxListeners } from "node:events";
import type { Clock } from "@infrajet/github/adapters";
import { type AzureFailure, failureOf, RequestTimeout } from "./azure-failure.js";

/** The timeout and retries of requests. */
export interface RequestPolicy {
  readonly clock: Clock;
  /** Milliseconds that a response or the next chunk of a file may take. */
  readonly requestTimeoutMs: number;
  /** The maximum number of tries of a request. */
  readonly maxTries: number;
  /** Milliseconds before the second try. Doubles with each try. */
  readonly retryPauseMs: number;
}

const LONGEST_PAUSE = 30_000;
const LONGEST_RETRY_AFTER = 60_000;

/**
 * Sends requests with a timeout and retries transient failures, with exponential pauses, jitter and Azure's `Retry-After`. The
 * retry policy of the Azure client has neither jitter nor `Retry-After`.
 */
export class AzureRequests {
  readonly policy: RequestPolicy;

  constructor(policy: RequestPolicy) {
    this.policy = policy;
  }

  /**
   * Sends a request and retries it after transient failures.
   *
   * @param signals abort the request and the pauses
   * @throws the reason of an aborted signal; otherwise the error of the last try
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

  /** Sends a request once, with the timeout. */
  once<Result>(signals: readonly AbortSignal[], request: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return within(this.policy, signals, request);
  }

  /** Waits before the next try. @throws `error` when the request must not be retried */
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
 * Returns the milliseconds before the next try, or `null` when there is no next try.
 *
 * @param tries the number of tries so far
 * @param random jitter from 0 to 1, so that clients that failed together do not retry together
 */
export function retryPause(
  { isTransient, retryAfter }: AzureFailure,
  tries: number,
  { maxTries, retryPauseMs: first }: Pick<RequestPolicy, "maxTries" | "retryPauseMs">,
  random: number,
): number | null {
  if (!isTransient || tries >= maxTries) return null;
  const longest = Math.min(LONGEST_PAUSE, first * 2 ** (tries - 1));
  const requested = (retryAfter ?? 0) * 1_000;
  if (requested > LONGEST_RETRY_AFTER) return null;
  return Math.round(requested + longest * (requested > 0 ? random / 2 : (1 + random) / 2));
}

async function within<Result>(
  { clock, requestTimeoutMs }: RequestPolicy,
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const timer = new AbortController();
  const late = new AbortController();
  const onTime = (): void => late.abort(new RequestTimeout(requestTimeoutMs));
  clock.sleep(requestTimeoutMs, timer.signal).then(onTime, () => {});
  try {
    return await abortable([...signals, late.signal], run);
  } finally {
    timer.abort();
  }
}

/** Throws the reason of the first aborted signal, if any. */
export function throwIfAborted(signals: readonly AbortSignal[]): void {
  for (const signal of signals) signal.throwIfAborted();
}

/** Runs an operation that any of the signals aborts. @throws the reason of the aborted signal */
export async function abortable<Result>(
  signals: readonly AbortSignal[],
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  throwIfAborted(signals);
  const controller = new AbortController();
  // Many requests share a signal, so many listeners are not a leak. Without arguments the call would change the global default.
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
