import type { HttpResponse } from "@infrajet/github/http";
import { githubPlugin } from "@infrajet/github-fastify";
import {
  createHttpServer,
  frameworkError,
  type Host,
  type HostServer,
  NOT_FOUND,
  portOf,
  withDashboard,
} from "example-host";
import { type FastifyReply, fastify } from "fastify";

/** Creates the server of a host, with the endpoints and the WebSocket. */
export async function fastifyServer({ sdk, http }: Pick<Host, "sdk" | "http">): Promise<HostServer> {
  const app = fastify({
    serverFactory: (handler) => createHttpServer(withDashboard(handler)),
    // The server handles them.
    clientErrorHandler: () => undefined,
    // A path whose encoding Fastify cannot read does not reach the endpoints.
    frameworkErrors: (error, _request, reply: FastifyReply) => send(reply, frameworkError(error)),
  });
  app.setNotFoundHandler((_request, reply) => send(reply, NOT_FOUND));
  app.setErrorHandler((error, _request, reply) => send(reply, frameworkError(error)));
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
}

function send(reply: FastifyReply, { status, headers, body }: HttpResponse): void {
  reply.code(status).headers(headers).send(body);
}
