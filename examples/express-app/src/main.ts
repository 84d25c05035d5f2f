// A host on Express. Everything that does not depend on Express, such as the environment and the database, is in examples/host.
import { once } from "node:events";
import { createServer } from "node:http";
import { attachRealtime, githubRouter } from "@infrajet/github-express";
import { portOf, runHost } from "example-host";
import express from "express";

await runHost(({ sdk, http }) => {
  const app = express();
  app.get("/", (_request, response) => {
    response.type("text").send("The endpoints are at /api/v1/github.\n");
  });
  app.use(githubRouter(sdk, http));
  const server = createServer(app);
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
});
