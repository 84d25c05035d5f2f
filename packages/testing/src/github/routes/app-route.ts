import { appOfJwt } from "../apps/app-jwt.js";
import type { GitHubApp } from "../apps/github-app.js";
import type { Installation } from "../apps/installation.js";
import { ApiError, notFound } from "../http/api-error.js";
import type { Call, RestResponse, Route } from "../http/route.js";
import { param } from "./repository-route.js";

/** A request of a GitHub App that authenticates by JWT. */
export interface AppCall extends Call {
  app: GitHubApp;
}

/** Creates a route that requires the JWT of a GitHub App. */
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

/** Returns the App's installation in the path. Throws 404 when it does not exist. */
export function ownInstallation(call: AppCall): Installation {
  const id = param(call, "installation_id");
  const found = call.platform.apps.installationsOf(call.app).find((installation) => String(installation.id) === id);
  if (found === undefined) throw notFound();
  return found;
}

/** Creates the error for a request that an App's token cannot make. */
export function integrationRefusal(): ApiError {
  return new ApiError(403, "Resource not accessible by integration");
}
