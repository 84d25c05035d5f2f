import { GitHubSdkError } from "../errors.js";

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 307, 308]);

/**
 * Sends a request and follows its redirects (GitHub redirects for renamed repositories).
 *
 * Only redirects within the origin are followed, so that a token is never sent to another host.
 *
 * @throws GitHubSdkError `github_redirect_refused`, and what `send` throws
 * @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
 */
export async function followRedirects(url: string, send: (target: string) => Promise<Response>): Promise<Response> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await send(target);
    const location = REDIRECTS.has(response.status) ? response.headers.get("location") : null;
    if (location === null) return response;
    await response.body?.cancel();
    target = sameOriginTarget(location, target);
  }
  throw redirectRefused("GitHub redirected the request too many times.");
}

function sameOriginTarget(location: string, from: string): string {
  const target = URL.canParse(location, from) ? new URL(location, from) : null;
  if (target === null || target.origin !== new URL(from).origin) {
    throw redirectRefused("GitHub redirected to another host; the request was not sent there.");
  }
  return target.href;
}

/** Returns the error for a redirect that is not followed. */
export function redirectRefused(message: string): GitHubSdkError {
  return new GitHubSdkError("github_redirect_refused", message);
}
