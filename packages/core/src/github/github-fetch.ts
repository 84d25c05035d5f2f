import type { Clock } from "../adapters/clock.js";
import { GitHubSdkError } from "../errors.js";

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 307, 308]);
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
    const deadline = startDeadline(clock, timeoutMs, init.signal ?? undefined);
    try {
      const exchange = { ...init, redirect: "manual" as const, cache: "no-store", signal: deadline.signal };
      return await readWhole(await followRedirects(url, exchange));
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      throw error;
    } finally {
      deadline.clear();
    }
  };
}

async function followRedirects(url: string, init: RequestInit): Promise<Response> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await globalThis.fetch(target, init);
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    target = sameOriginTarget(location, target);
  }
  throw redirectRefused("GitHub redirected too often.");
}

function sameOriginTarget(location: string, from: string): string {
  const target = URL.canParse(location, from) ? new URL(location, from) : null;
  if (target === null || target.origin !== new URL(from).origin) {
    throw redirectRefused("GitHub redirected to another host; the request was not sent there.");
  }
  return target.href;
}

function redirectRefused(message: string): GitHubSdkError {
  return new GitHubSdkError("github_redirect_refused", message);
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

interface Deadline {
  readonly signal: AbortSignal;
  clear(): void;
}

/** A signal that is aborted with the outer one, or with `github_timeout` when the time is up. */
function startDeadline(clock: Clock, timeoutMs: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  const timer = new AbortController();
  const onAbort = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) onAbort();
  outer?.addEventListener("abort", onAbort, { once: true });
  clock.sleep(timeoutMs, timer.signal).then(
    () => controller.abort(new GitHubSdkError("github_timeout", "GitHub did not answer in time. Try again.")),
    () => {},
  );
  return {
    signal: controller.signal,
    clear: () => {
      outer?.removeEventListener("abort", onAbort);
      timer.abort();
    },
  };
}
