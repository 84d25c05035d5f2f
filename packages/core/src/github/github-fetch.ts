import type { Clock } from "../adapters/clock.js";
import { readAtMost } from "../read-at-most.js";
import { timeoutSignal } from "../timing/timeout-signal.js";
import { responseTooLargeError, timeoutError } from "./error-mapping.js";
import { followRedirects } from "./follow-redirects.js";

const RAW_MEDIA_TYPE = /^application\/vnd\.github\.[^;]*raw/;

// GitHub truncates its largest JSON, a recursive tree, at 7 MB, and serves raw blobs of up to 100 MB.
const MAX_JSON_BYTES = 32 * 1024 * 1024;
const MAX_RAW_BYTES = 101 * 1024 * 1024;

/** The part of `fetch` that Octokit calls. */
export type GitHubFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Returns a `fetch` for GitHub: one timeout applies to the whole exchange, the response body has a size limit, and redirects
 * (GitHub sends them for renamed repositories) are followed with method and body, but only within the origin, so that a
 * token is never sent to another host.
 *
 * The returned function throws GitHubSdkError `github_timeout`, `github_redirect_refused`, and `github_unavailable` for a
 * response beyond 32 MiB (101 MiB if raw content was requested); the signal's reason; and what `fetch` throws.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 */
export function createGitHubFetch(clock: Clock, timeoutMs: number): GitHubFetch {
  return async (url, init) => {
    const timeout = timeoutSignal(clock, timeoutMs, timeoutError(), init.signal ?? undefined);
    const maxBytes = RAW_MEDIA_TYPE.test(new Headers(init.headers).get("accept") ?? "")
      ? MAX_RAW_BYTES
      : MAX_JSON_BYTES;
    try {
      const exchange = { ...init, redirect: "manual" as const, cache: "no-store", signal: timeout.signal };
      return await readWhole(await followRedirects(url, (target) => globalThis.fetch(target, exchange)), maxBytes);
    } catch (error) {
      if (timeout.signal.aborted) throw timeout.signal.reason;
      throw error;
    } finally {
      timeout.clear();
    }
  };
}

/** Reads the body here, since Octokit would treat an interrupted one as an empty response. */
async function readWhole(response: Response, maxBytes: number): Promise<Response> {
  const body = await readBody(response, maxBytes);
  const headers = new Headers(response.headers);
  // Octokit would decode a raw file as text because GitHub names a charset for it.
  if (RAW_MEDIA_TYPE.test(headers.get("content-type") ?? "")) headers.set("content-type", "application/octet-stream");
  const { status, statusText } = response;
  return new Response(body.byteLength === 0 ? null : Buffer.from(body), { status, statusText, headers });
}

/**
 * Reads the body of a response.
 *
 * @throws GitHubSdkError `github_unavailable` when the body is larger than `maxBytes`; the connection is closed then
 */
export function readBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  return readAtMost(response.body ?? new Uint8Array(), maxBytes, () => responseTooLargeError(maxBytes));
}
