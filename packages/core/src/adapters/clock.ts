/** The clock of the SDK. Tests replace it with one that they advance themselves. */
export interface Clock {
  /** Returns epoch milliseconds. */
  now(): number;
  /** Resolves after the time has passed. Rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Sleeps like {@link sleep}, but does not keep the process alive. For background maintenance. */
  idle(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => timeout(milliseconds, signal, false),
  idle: (milliseconds, signal) => timeout(milliseconds, signal, true),
};

function timeout(milliseconds: number, signal: AbortSignal | undefined, background: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    if (background) timer.unref();
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
