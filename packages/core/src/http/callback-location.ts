import { type ErrorCode, isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { isUnexpected } from "./error-response.js";
import type { HttpRequest } from "./http-message.js";

// Only there so that a path can be read as a URL.
const NO_HOST = "http://host.invalid";

/**
 * Where a browser that came back from GitHub goes on to: the host's page, with `connected=1` or `error=CODE`.
 *
 * @param page a URL, or a path of the host; its own query is kept
 */
export async function callbackLocation(
  page: string,
  { signal }: HttpRequest,
  logger: Logger,
  complete: () => Promise<void>,
): Promise<string> {
  try {
    await complete();
    return withParameter(page, "connected", "1");
  } catch (error) {
    if (isUnexpected(error) && !signal.aborted) logger.error("An authorization could not be completed.", { error });
    const code: ErrorCode = isGitHubSdkError(error) ? error.code : "internal_error";
    return withParameter(page, "error", code);
  }
}

function withParameter(page: string, name: string, value: string): string {
  const url = new URL(page, NO_HOST);
  url.searchParams.set(name, value);
  return url.origin === NO_HOST ? url.href.slice(NO_HOST.length) : url.href;
}
