import { type ErrorCode, isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { isUnexpected } from "./error-response.js";
import type { HttpRequest } from "./http-message.js";

// Needed to parse a path as a URL.
const NO_HOST = "http://host.invalid";

/**
 * Completes an authorization and returns the host's page to redirect to, with `connected=1` or `error=CODE`.
 *
 * @param page A URL, or a path of the host. Its query is kept.
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
    if (isUnexpected(error) && !signal.aborted) logger.error("An authorization failed.", { error });
    const code: ErrorCode = isGitHubSdkError(error) ? error.code : "internal_error";
    return withParameter(page, "error", code);
  }
}

function withParameter(page: string, name: string, value: string): string {
  const url = new URL(page, NO_HOST);
  url.searchParams.set(name, value);
  return url.origin === NO_HOST ? url.href.slice(NO_HOST.length) : url.href;
}
