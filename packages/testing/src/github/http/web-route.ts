import type { Session } from "../control/identity-settings.js";
import type { Platform } from "../platform.js";
import type { Addresses } from "./addresses.js";

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

/** Returns an HTML page. */
export function page(status: number, text: string): Response {
  const html = `<!DOCTYPE html>\n<html lang="en"><head><title>GitHub</title></head><body><h1>${text}</h1></body></html>\n`;
  return new Response(html, { status, headers: { "Content-Type": "text/html; charset=utf-8" } });
}
