import { ApiError, emptyRepository } from "../http/api-error.js";
import type { RepositoryCall, RepositoryRoute } from "../http/route.js";

/** Declares an operation on a repository. */
export function repositoryRoute(route: RepositoryRoute): RepositoryRoute {
  return route;
}

/** Declares an operation that reads or writes Git data: an empty repository answers 409. */
export function gitDataRoute(route: RepositoryRoute): RepositoryRoute {
  return {
    ...route,
    repositoryHandler: (call) => {
      if (call.repository.isEmpty) throw emptyRepository();
      return route.repositoryHandler(call);
    },
  };
}

/** A path parameter; the route's template promises that it is there. */
export function param(call: Pick<RepositoryCall, "params">, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new ApiError(404, "Not Found");
  return value;
}

/** The media type's `raw` parameter in an Accept header (`application/vnd.github.raw+json`, `…v3.raw`). */
export function wantsRaw(call: Pick<RepositoryCall, "headers">): boolean {
  return /application\/vnd\.github(\.v3)?\.raw(\+json)?\b/.test(call.headers.get("accept") ?? "");
}
