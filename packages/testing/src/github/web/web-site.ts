import { newInstallation, submitInstallation } from "../apps/installation-page.js";
import { newApp, submitApp } from "../apps/manifest-page.js";
import type { Addresses } from "../http/addresses.js";
import { httpDate } from "../http/respond.js";
import { compileTemplate, matchRoute, type Pattern } from "../http/route.js";
import { notFoundPage, type WebRoute } from "../http/web-route.js";
import { accessToken } from "../oauth/access-token.js";
import { authorize, submitConsent } from "../oauth/authorize.js";
import { deviceCode } from "../oauth/device-code.js";
import { devicePage, submitDevice } from "../oauth/device-page.js";
import type { Platform } from "../platform.js";
import { appPage, changeInstallation, installationSettingsPage } from "./app-pages.js";
import { codePage, rawFile, repositoryPage } from "./code-pages.js";
import { commitListPage, commitPage, comparePage } from "./commit-pages.js";
import { accountPage, homePage } from "./home-pages.js";
import { pullRequestListPage, pullRequestPage } from "./pull-request-pages.js";
import { signIn, signInPage, signOut } from "./sign-in-pages.js";

const INSTALL = "/apps/{app_slug}/installations/new";
const NEW_APP = "/settings/apps/new";
const SETTINGS = "/settings/installations/{installation_id}";
const ORGANIZATION_SETTINGS = "/organizations/{org}/settings/installations/{installation_id}";
const REPOSITORY = "/{owner}/{repo}";

/** The pages and endpoints of the web site. The first match wins. */
const ROUTES: readonly WebRoute[] = [
  { method: "GET", template: "/", handler: homePage },
  { method: "GET", template: "/login/oauth/authorize", handler: authorize },
  { method: "POST", template: "/login/oauth/authorize", handler: submitConsent },
  { method: "POST", template: "/login/oauth/access_token", handler: accessToken },
  { method: "POST", template: "/login/device/code", handler: deviceCode },
  { method: "GET", template: "/login/device", handler: devicePage },
  { method: "POST", template: "/login/device", handler: submitDevice },
  { method: "GET", template: "/login", handler: signInPage },
  { method: "POST", template: "/login", handler: signIn },
  { method: "POST", template: "/logout", handler: signOut },
  { method: "GET", template: INSTALL, handler: newInstallation },
  { method: "POST", template: INSTALL, handler: submitInstallation },
  { method: "GET", template: `${INSTALL}/permissions`, handler: newInstallation },
  { method: "POST", template: `${INSTALL}/permissions`, handler: submitInstallation },
  { method: "GET", template: "/apps/{app_slug}", handler: appPage },
  { method: "GET", template: NEW_APP, handler: newApp },
  { method: "POST", template: NEW_APP, handler: submitApp },
  { method: "GET", template: `/organizations/{org}${NEW_APP}`, handler: newApp },
  { method: "POST", template: `/organizations/{org}${NEW_APP}`, handler: submitApp },
  { method: "GET", template: SETTINGS, handler: installationSettingsPage },
  { method: "POST", template: SETTINGS, handler: changeInstallation },
  { method: "GET", template: ORGANIZATION_SETTINGS, handler: installationSettingsPage },
  { method: "POST", template: ORGANIZATION_SETTINGS, handler: changeInstallation },
  { method: "GET", template: `${REPOSITORY}/tree/{path}`, handler: codePage },
  { method: "GET", template: `${REPOSITORY}/blob/{path}`, handler: codePage },
  { method: "GET", template: `${REPOSITORY}/raw/{path}`, handler: rawFile },
  { method: "GET", template: "/raw/{owner}/{repo}/{path}", handler: rawFile },
  { method: "GET", template: `${REPOSITORY}/commits/{ref}`, handler: commitListPage },
  { method: "GET", template: `${REPOSITORY}/commit/{ref}`, handler: commitPage },
  { method: "GET", template: `${REPOSITORY}/compare/{basehead}`, handler: comparePage },
  { method: "GET", template: `${REPOSITORY}/pulls`, handler: pullRequestListPage },
  { method: "GET", template: `${REPOSITORY}/pull/{pull_number}`, handler: pullRequestPage },
  { method: "GET", template: REPOSITORY, handler: repositoryPage },
  { method: "GET", template: "/{owner}", handler: accountPage },
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
      ? notFoundPage({ session })
      : await found.route.handler({ platform, request, url, params: found.params, bytes, addresses, session, cookie });
  response.headers.set("Date", httpDate(platform.clock()));
  response.headers.set("Server", "github.com");
  return response;
}
