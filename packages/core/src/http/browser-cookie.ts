import { type BrowserBinding, bindingOfCookie, newBrowserBinding } from "../connections/browser-binding.js";
import type { HttpRequest } from "./http-message.js";
import type { HttpSettings } from "./http-options.js";

const NAME = "infrajet-github";
// The lifetime of an authorization.
const MAX_AGE_SECONDS = 600;
const VALUE = /^[\w-]{43}$/;

/** The binding of an authorization to the browser that started it, and the header that sets the browser's cookie. */
export interface BoundBrowser {
  readonly binding: BrowserBinding;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the binding of the requesting browser. An existing cookie is kept, so that two tabs can log in at the same time. */
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

/** Returns the cookie that the browser received when the authorization started. */
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

/** Browsers accept the prefix `__Host-` only with `Secure`, and only from the host itself. */
function cookieName(isSecure: boolean): string {
  return isSecure ? `__Host-${NAME}` : NAME;
}
