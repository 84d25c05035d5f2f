import type { Clock } from "../adapters/clock.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import { timeoutError } from "./error-mapping.js";
import { followRedirects } from "./follow-redirects.js";

const RAW_MEDIA_TYPE = /^application\/vnd\.github\.[^;]*raw/;

/** The part of `fetch` that Octokit calls. */
export type GitHubFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * `fetch` as it is used for GitHub: the whole exchange, body included, has one time limit; redirects (GitHub sends them for
 * renamed repositories) are followed with method and body, but only within the origin, so that a token never goes elsewhere.
 *
 * The fetch throws GitHubSdkError `github_timeout` and `github_redirect_refused`, the signal's reason, and what `fetch` throws.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 */
export function createGitHubFetch(clock: Clock, timeoutMs: number): GitHubFetch {
  return async (url, init) => {
    const timeout = timeoutSignal(clock, timeoutMs, timeoutError(), init.signal ?? undefined);
    try {
      const exchange = { ...init, redirect: "manual" as const, cache: "no-store", signal: timeout.signal };
      return await readWhole(await followRedirects(url, (target) => globalThis.fetch(target, exchange)));
    } catch (error) {
      if (timeout.signal.aborted) throw timeout.signal.reason;
      throw error;
    } finally {
      timeout.clear();
    }
  };
}

/** An interrupted body has to be an error here: Octokit would take it for an empty answer. */
async function readWhole(response: Response): Promise<Response> {
  const body = await response.arrayBuffer();
  const headers = new Headers(response.headers);
  // Octokit would decode a raw file as text because GitHub names a charset for it.
  if (RAW_MEDIA_TYPE.test(headers.get("content-type") ?? "")) headers.set("content-type", "application/octet-stream");
  const { status, statusText } = response;
  return new Response(body.byteLength === 0 ? null : body, { status, statusText, headers });
}
