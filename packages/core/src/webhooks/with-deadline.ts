import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";
import { abortable } from "../timing/abortable.js";
import { timeoutSignal } from "../timing/timeout-signal.js";

/**
 * Runs something that has to end in time, and with the signal.
 *
 * @throws GitHubSdkError `webhook_handler_failed` when it takes too long, even when it does not listen to its signal
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
