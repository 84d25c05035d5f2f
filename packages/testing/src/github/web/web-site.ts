import { newInstallation } from "../apps/installation-page.js";
import type { Addresses } from "../http/addresses.js";
import { httpDate } from "../http/respond.js";
import { compileTemplate, matchRoute, type Pattern } from "../http/route.js";
import { page, type WebRoute } from "../http/web-route.js";
import { accessToken } from "../oauth/access-token.js";
import { authorize } from "../oauth/authorize.js";
import type { Platform } from "../platform.js";

/** The pages and endpoints of the web site. */
const ROUTES: readonly WebRoute[] = [
  { method: "GET", template: "/login/oauth/authorize", handler: authorize },
  { method: "POST", template: "/login/oauth/access_token", handler: accessToken },
  { method: "GET", template: "/apps/{app_slug}/installations/new", handler: newInstallation },
  { method: "GET", template: "/apps/{app_slug}/installations/new/permissions", handler: newInstallation },
];

const COMPILED: readonly (WebRoute & Pattern)[] = ROUTES.map((route) => ({
  ...route,
  ...compileTemplate(route.template),
}));

/** The page of a request with its path parameters. */
export interface FoundPage {
  route: WebRoute;
  params: Record<string, string>;
}

/** Returns the page for a method and an encoded path. */
export function findPage(method: string, path: string): FoundPage | undefined {
  return matchRoute(COMPILED, method === "HEAD" ? "GET" : method, path);
}

/** Handles a request for the web site. The session is the one of the cookie `user_session`, or the one of `control.signIn`. */
export async function handlePage(
  platform: Platform,
  found: FoundPage | undefined,
  { request, url, bytes, addresses }: { request: Request; url: URL; bytes: Uint8Array; addresses: Addresses },
): Promise<Response> {
  const cookie = /(?:^|;\s*)user_session=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
  const session = platform.identity.session(cookie);
  const response =
    found === undefined
      ? page(404, "Not Found")
      : await found.route.handler({ platform, request, url, params: found.params, bytes, addresses, session });
  response.headers.set("Date", httpDate(platform.clock()));
  response.headers.set("Server", "github.com");
  return response;
}
