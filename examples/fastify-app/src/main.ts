// A host on Fastify. What is not of Fastify, such as the environment and the database, is in examples/host.
import { githubPlugin } from "@infrajet/github-fastify";
import { portOf, runHost } from "example-host";
import { fastify } from "fastify";

await runHost(async ({ sdk, http }) => {
  const app = fastify();
  app.get("/", async () => "The endpoints are at /api/v1/github.\n");
  await app.register(githubPlugin, { sdk, ...http });
  return {
    listen: async (port, host) => {
      await app.listen({ port, host });
      return portOf(app.server);
    },
    close: async () => {
      // A connection that is busy now ends with its answer.
      app.server.keepAliveTimeout = 1;
      await app.close();
    },
  };
});
