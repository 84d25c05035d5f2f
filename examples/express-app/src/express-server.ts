import { sendResponse } from "@infrajet/github/node";
import { attachRealtime, githubRouter } from "@infrajet/github-express";
import {
  createHttpServer,
  frameworkError,
  type Host,
  type HostServer,
  hostServer,
  NOT_FOUND,
  withDashboard,
} from "example-host";
import express, { type ErrorRequestHandler } from "express";

/** Creates the server of a host, with the endpoints and the WebSocket. */
export function expressServer({ sdk, http }: Pick<Host, "sdk" | "http">): HostServer {
  const app = express();
  app.disable("x-powered-by");
  app.use(githubRouter(sdk, http));
  app.use((request, response) => sendResponse(request, response, NOT_FOUND));
  const onError: ErrorRequestHandler = (error, request, response, _next) => {
    sendResponse(request, response, frameworkError(error));
  };
  app.use(onError);
  const server = createHttpServer(withDashboard(app));
  attachRealtime(server, sdk, http);
  return hostServer(server);
}
