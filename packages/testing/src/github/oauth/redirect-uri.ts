import type { OAuthClient } from "./oauth-client.js";

/**
 * Returns the redirect URI of an authorization, or `undefined` when `wanted` is not allowed. A GitHub App must use one of its
 * callback URLs exactly. An OAuth app can use a URL below the registered one: the same host or a subdomain, the same port (any
 * port on a loopback address), the same path or a path below it.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#redirect-urls
 */
export function redirectUriOf(client: OAuthClient, wanted: string | null): string | undefined {
  if (wanted === null) return client.callbackUrls[0];
  if (client.reach !== undefined) return client.callbackUrls.find((registered) => registered === wanted);
  return client.callbackUrls.some((registered) => liesBelow(registered, wanted)) ? wanted : undefined;
}

function liesBelow(registered: string, wanted: string): boolean {
  if (!URL.canParse(registered) || !URL.canParse(wanted)) return false;
  const [base, target] = [new URL(registered), new URL(wanted)];
  if (target.protocol !== base.protocol || target.username !== "" || target.password !== "") return false;
  const isSameHost = target.hostname === base.hostname || target.hostname.endsWith(`.${base.hostname}`);
  const isSamePort = target.port === base.port || (target.hostname === base.hostname && isLoopback(base.hostname));
  const folder = base.pathname.replace(/\/$/, "");
  const isSamePath = target.pathname === base.pathname || target.pathname.startsWith(`${folder}/`);
  return isSameHost && isSamePort && isSamePath;
}

function isLoopback(hostname: string): boolean {
  return ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
}
