import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";

/** The time that an exchange has left. */
export interface Deadline {
  /** Aborted with the outer signal, or with `github_timeout` when the time is up. */
  readonly signal: AbortSignal;
  /** Gives the whole time anew: something has moved. */
  restart(): void;
  clear(): void;
}

/** Starts the time of an exchange. */
export function startDeadline(clock: Clock, timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let timer = new AbortController();
  const onAbort = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener("abort", onAbort, { once: true });
  const start = (): void => {
    clock.sleep(timeoutMs, timer.signal).then(
      () => controller.abort(new GitHubSdkError("github_timeout", "GitHub did not answer in time. Try again.")),
      () => {},
    );
  };
  start();
  return {
    signal: controller.signal,
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
