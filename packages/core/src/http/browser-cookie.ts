import { type BrowserBinding, bindingOfCookie, newBrowserBinding } from "../connections/browser-binding.js";
import type { HttpRequest } from "./http-message.js";
import type { HttpSettings } from "./http-options.js";

const NAME = "infrajet-github";
// As long as an authorization can be completed.
const MAX_AGE_SECONDS = 600;
const VALUE = /^[\w-]{43}$/;

/** What ties an authorization to the browser that begins it, and the header that gives the browser its part. */
export interface BoundBrowser {
  readonly binding: BrowserBinding;
  readonly headers: Readonly<Record<string, string>>;
}

/** A binding for the browser that sends the request. One that has a cookie keeps it, so that two tabs do not disturb each other. */
export function bindBrowser(request: HttpRequest, settings: HttpSettings): BoundBrowser {
  const known = readBrowserCookie(request, settings);
  const binding = known === undefined ? newBrowserBinding() : bindingOfCookie(known);
  const isSecure = isForHttps(request, settings);
  const attributes = [
    "Path=/",
    `Max-Age=${MAX_AGE_SECONDS}`,
    "HttpOnly",
    "SameSite=Lax",
    ...(isSecure ? ["Secure"] : []),
  ];
  const cookie = `${cookieName(isSecure)}=${binding.cookie}; ${attributes.join("; ")}`;
  return { binding, headers: { "set-cookie": cookie } };
}

/** The cookie that the browser got when it began. */
export function readBrowserCookie(request: HttpRequest, settings: HttpSettings): string | undefined {
  const name = cookieName(isForHttps(request, settings));
  for (const pair of (request.headers.cookie ?? "").split(/; ?/)) {
    if (pair.startsWith(`${name}=`) && VALUE.test(pair.slice(name.length + 1))) return pair.slice(name.length + 1);
  }
  return undefined;
}

function isForHttps({ isSecure }: HttpRequest, { secureCookie }: HttpSettings): boolean {
  return secureCookie ?? isSecure;
}

/** Browsers let no other host of the domain set a cookie with this prefix, and none without `Secure`. */
function cookieName(isSecure: boolean): string {
  return isSecure ? `__Host-${NAME}` : NAME;
}
