import { GitHubClientError } from "./github-client-error.js";

/**
 * Runs an action until the caller aborts it or its time is over.
 *
 * @throws GitHubClientError `timeout`
 */
export async function withDeadline<Result>(
  action: (signal: AbortSignal) => Promise<Result>,
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<Result> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => {
    const detail = `The server did not respond within ${timeoutMs} ms. Try again, or set \`timeoutMs\`.`;
    controller.abort(new GitHubClientError({ code: "timeout", detail }));
  }, timeoutMs);
  try {
    // The action may depend on code of the host that ignores the signal, such as its `token` function.
    return await Promise.race([action(controller.signal), rejectedBy(controller.signal)]);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
