import type { Session } from "../control/identity-settings.js";
import type { Platform } from "../platform.js";
import type { Addresses } from "./addresses.js";
import { webPage } from "./web-page.js";

/** A request for the web site. */
export interface WebCall {
  platform: Platform;
  request: Request;
  url: URL;
  /** Path parameters, decoded. */
  params: Readonly<Record<string, string>>;
  bytes: Uint8Array;
  addresses: Addresses;
  /** The session of the browser; `undefined` when no user is signed in. */
  session: Session | undefined;
  /** Value of the session cookie. */
  cookie: string | undefined;
}

/** A page or endpoint of the web site. */
export interface WebRoute {
  method: "GET" | "POST";
  template: string;
  handler: (call: WebCall) => Response | Promise<Response>;
}

/** Returns a redirect. */
export function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { Location: location, "Cache-Control": "no-cache" } });
}

/** Redirects to the login page, which returns to the current URL. */
export function redirectToLogin({ addresses, url }: WebCall, parameters: Record<string, string> = {}): Response {
  const query = new URLSearchParams({ ...parameters, return_to: url.pathname + url.search });
  return redirect(`${addresses.html}/login?${query}`);
}

/** Returns a page with a heading only. */
export function page(status: number, title: string, session?: Session): Response {
  return webPage({ status, title, session });
}

/** Returns the page for a resource that does not exist or that the user cannot see. */
export function notFoundPage({ session }: Pick<WebCall, "session">): Response {
  return page(404, "Not Found", session);
}
