import { once } from "node:events";
import { sendResponse } from "@infrajet/github/node";
import { attachRealtime, githubRouter } from "@infrajet/github-express";
import {
  createHttpServer,
  frameworkError,
  type Host,
  type HostServer,
  NOT_FOUND,
  portOf,
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
  return {
    listen: async (port, host) => {
      await once(server.listen(port, host), "listening");
      return portOf(server);
    },
    close: async () => {
      const closed = once(server, "close");
      // Closes busy connections right after their response.
      server.keepAliveTimeout = 1;
      server.close();
      await closed;
    },
  };
}
