// A host on Fastify. Everything that does not depend on Fastify, such as the environment and the database, is in examples/host.
import { githubPlugin } from "@infrajet/github-fastify";
import { portOf, runHost } from "example-host";
import { type FastifyReply, fastify } from "fastify";

await runHost(async ({ sdk, http }) => {
  const app = fastify({
    // Fastify waits for a request without limit by default.
    requestTimeout: 30_000,
    // An encoding that Fastify cannot read does not reach the endpoints.
    frameworkErrors: ({ statusCode = 400, message }, _request, reply: FastifyReply) => {
      reply.code(statusCode).send({ detail: message, code: "malformed_request" });
    },
  });
  app.get("/", async () => "The endpoints are at /api/v1/github.\n");
  await app.register(githubPlugin, { sdk, ...http });
  return {
    listen: async (port, host) => {
      await app.listen({ port, host });
      return portOf(app.server);
    },
    close: async () => {
      // Closes busy connections right after their response.
      app.server.keepAliveTimeout = 1;
      await app.close();
    },
  };
});
