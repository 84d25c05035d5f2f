import { appOfJwt } from "../apps/app-jwt.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import { ApiError, notFound } from "../http/api-error.js";
import type { Call, RestResponse, Route } from "../http/route.js";
import { param } from "./repository-route.js";

/** A call that a GitHub App makes as itself. */
export interface AppCall extends Call {
  app: GitHubApp;
}

/** Declares an operation that only a GitHub App itself may call, with its JWT. */
export function appRoute({
  appHandler,
  ...route
}: Omit<Route, "handler" | "authentication"> & {
  appHandler: (call: AppCall) => RestResponse | Promise<RestResponse>;
}): Route {
  return {
    ...route,
    authentication: "app",
    handler: (call) => {
      const { apps, clock } = call.platform;
      return appHandler({ ...call, app: appOfJwt(apps, call.headers.get("authorization"), clock()) });
    },
  };
}

/** The App's installation that the path names. */
export function ownInstallation(call: AppCall): Installation {
  const id = param(call, "installation_id");
  const found = call.platform.apps.installationsOf(call.app).find((installation) => String(installation.id) === id);
  if (found === undefined) throw notFound();
  return found;
}

/** What an App's token may not do, whatever its permissions. */
export function integrationRefusal(): ApiError {
  return new ApiError(403, "Resource not accessible by integration");
}
