import { createGitHubHttp } from "@infrajet/github/http";
import { nodeHandler, sendResponse } from "@infrajet/github/node";
import { createHttpServer } from "./http-server.js";
import { NOT_FOUND } from "./json-error.js";
import type { Host } from "./open-host.js";
import { type HostServer, hostServer } from "./server.js";

const PROBES = ["/live", "/ready"];

/** Creates the server of a process that only works: it serves the probes of a supervisor, with and without the endpoints' base path. */
export function workerServer({ sdk, http }: Pick<Host, "sdk" | "http">): HostServer {
  const endpoints = createGitHubHttp(sdk, http);
  const handlers = ["", endpoints.basePath].map((basePath) => ({
    paths: PROBES.map((probe) => `${basePath}${probe}`),
    handle: nodeHandler(endpoints, () => basePath),
  }));
  const server = createHttpServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "";
    const found = handlers.find(({ paths }) => paths.includes(path));
    if (found === undefined) sendResponse(request, response, NOT_FOUND);
    else found.handle(request, response, () => sendResponse(request, response, NOT_FOUND));
  });
  return hostServer(server);
}
