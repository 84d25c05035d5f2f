import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";

/**
 * Runs a function with a time limit, and aborts it with the signal.
 *
 * @throws GitHubSdkError `webhook_handler_failed` when the limit is exceeded, even when the function ignores its signal
 */
export async function withDeadline<Result>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new GitHubSdkError("webhook_handler_failed", `The handlers took longer than ${milliseconds} ms.`);
  const timeout = timeoutSignal(clock, milliseconds, late, signal);
  try {
    return await abortable([timeout.signal], run);
  } finally {
    timeout.clear();
  }
}
