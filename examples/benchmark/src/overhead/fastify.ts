import { githubPlugin } from "@infrajet/github-fastify";
import { fastify } from "fastify";
import { LOG_IN, OWN, statusBody, tokenOf } from "./by-hand.js";
import { portOf } from "./port.js";
import type { ServedSdk } from "./served-sdk.js";

/** Starts Fastify with the mounted endpoints and a handwritten handler for the connection's status, and returns the port. */
export async function fastifyServer({ sdk, http }: ServedSdk): Promise<number> {
  const app = fastify();
  app.get("/by-hand/connection/status", async (request, reply) => {
    const { method, url: path, headers } = request;
    const bearerToken = tokenOf(headers.authorization);
    const user = await http.authenticator.authenticate({ method, path, headers: {}, bearerToken, raw: request });
    if (user === null) return reply.code(401).header("www-authenticate", "Bearer").headers(OWN).send(LOG_IN);
    return reply.headers(OWN).send(statusBody(await sdk.connections.status(String(user.id))));
  });
  await app.register(githubPlugin, { sdk, ...http });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return portOf(app.server);
}
