import { BASE_PATH } from "../generated/calls.js";

/**
 * Returns the absolute URL of the endpoints, without a slash at its end.
 *
 * @throws TypeError when the URL is invalid, or relative outside of a page.
 */
export function absoluteUrl(baseUrl: string = BASE_PATH): string {
  // A request resolves its URL like the page or the worker that it is created in.
  return new Request(baseUrl).url.replace(/[?#].*$/s, "").replace(/\/$/, "");
}
