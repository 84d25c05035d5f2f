import type { GitHubSdk } from "@infrajet/github";
import { createGitHubHttp, type GitHubHttpOptions } from "@infrajet/github/http";
import { type ConnectRequest, nodeHandler } from "@infrajet/github/node";
import { Router } from "express";

/**
 * Creates a router with the GitHub endpoints for Express 5 and 4.
 *
 * `app.use(githubRouter(sdk, options))` mounts them at `/api/v1/github`; `app.use("/github", githubRouter(sdk, options))` mounts
 * them at `/github`. `basePath` overrides the path, below the path at which the router is mounted. All other requests are passed
 * on to the host's other routes.
 *
 * @throws GitHubSdkError `invalid_options` that names the option and how to fix it
 */
export function githubRouter(sdk: GitHubSdk, options: GitHubHttpOptions): Router {
  const http = createGitHubHttp(sdk, options);
  const basePathOf = ({ baseUrl = "" }: ConnectRequest): string => {
    const isMountedAtPath = options.basePath === undefined && baseUrl !== "";
    return isMountedAtPath ? baseUrl : `${baseUrl}${http.basePath}`;
  };
  // The parameters of the path at which the router is mounted are there for the authenticator.
  const router = Router({ mergeParams: true });
  // One handler for all routes: Express would match paths case-insensitively and respond to badly encoded paths with HTML.
  router.use(nodeHandler(http, basePathOf));
  return router;
}
