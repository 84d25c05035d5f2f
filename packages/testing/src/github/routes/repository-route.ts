import { ApiError, emptyRepository } from "../http/api-error.js";
import type { RepositoryCall, RepositoryRoute } from "../http/route.js";

/** Creates a route of a repository. */
export function repositoryRoute(route: RepositoryRoute): RepositoryRoute {
  return route;
}

/** Creates a route of the Git Database API, which responds with 409 for an empty repository. */
export function gitDataRoute(route: RepositoryRoute): RepositoryRoute {
  return {
    ...route,
    repositoryHandler: (call) => {
      if (call.repository.isEmpty) throw emptyRepository();
      return route.repositoryHandler(call);
    },
  };
}

/** Returns a path parameter of the route's template. */
export function param(call: Pick<RepositoryCall, "params">, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new ApiError(404, "Not Found");
  return value;
}

/** True when `Accept` requests the raw media type (`application/vnd.github.raw+json` or `application/vnd.github.v3.raw`). */
export function wantsRaw(call: Pick<RepositoryCall, "headers">): boolean {
  return /application\/vnd\.github(\.v3)?\.raw(\+json)?\b/.test(call.headers.get("accept") ?? "");
}
