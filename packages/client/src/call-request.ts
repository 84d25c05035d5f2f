import type { CallRoute } from "./call-route.js";
import { GitHubClientError } from "./github-client-error.js";

/** The fields of a call: its parameters and the fields of its body. */
export type CallFields = Readonly<Record<string, unknown>>;

/**
 * Returns the request of a call.
 *
 * @param baseUrl Absolute URL of the endpoints.
 */
export function callRequest(
  { method, path, headers: headerNames, rest }: CallRoute,
  fields: CallFields,
  { baseUrl, ...init }: { readonly baseUrl: string; readonly signal: AbortSignal } & Pick<RequestInit, "credentials">,
): Request {
  const left = new Map(Object.entries(fields).filter(([, value]) => value !== undefined));
  const take = (name: string): unknown => {
    const value = left.get(name);
    left.delete(name);
    return value;
  };
  const url = new URL(baseUrl + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => pathSegment(name, take(name))));
  const headers = new Headers({ accept: "application/json" });
  for (const name of headerNames) {
    const value = take(name);
    if (value !== undefined) headers.set(name, String(value));
  }
  if (rest === "body") {
    headers.set("content-type", "application/json");
    return new Request(url, { ...init, method, headers, body: JSON.stringify(Object.fromEntries(left)) });
  }
  for (const [name, value] of left) for (const item of [value].flat()) url.searchParams.append(name, String(item));
  return new Request(url, { ...init, method, headers });
}

/** @throws GitHubClientError `invalid_input` for a segment that would change the path. */
function pathSegment(name: string, value: unknown): string {
  const text = String(value ?? "");
  if (!["", ".", ".."].includes(text)) return encodeURIComponent(text);
  const detail = `\`${name}\` cannot be ${JSON.stringify(text)}.`;
  throw new GitHubClientError({ code: "invalid_input", detail });
}
