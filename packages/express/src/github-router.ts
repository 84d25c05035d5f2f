import type { GitHubSdk } from "@infrajet/github";
import { createGitHubHttp, type GitHubHttpOptions } from "@infrajet/github/http";
import { type ConnectRequest, nodeHandler } from "@infrajet/github/node";
import { Router } from "express";

/**
 * The GitHub endpoints as a router, for Express 5 and 4.
 *
 * `app.use(githubRouter(sdk, options))` puts them at `/api/v1/github`; mounted at a path, as in `app.use("/github", …)`, they are
 * right there. `basePath` says otherwise, below the place where the router is mounted. Requests for anything else go on to
 * the host's other routes.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend
 */
export function githubRouter(sdk: GitHubSdk, options: GitHubHttpOptions): Router {
  const http = createGitHubHttp(sdk, options);
  const basePathOf = ({ baseUrl = "" }: ConnectRequest): string => {
    const isMountedAtPath = options.basePath === undefined && baseUrl !== "";
    return isMountedAtPath ? baseUrl : `${baseUrl}${http.basePath}`;
  };
  const router = Router();
  // One handler for the whole table: Express would match without case, and answer a badly encoded path with a page of its own.
  router.use(nodeHandler(http, basePathOf));
  return router;
}
