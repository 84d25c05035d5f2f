import { once } from "node:events";
import { createServer } from "node:http";
import { githubRouter } from "@infrajet/github-express";
import express from "express";
import { LOG_IN, OWN, statusBody, tokenOf } from "./by-hand.js";
import { portOf } from "./port.js";
import type { ServedSdk } from "./served-sdk.js";

/** Starts Express with the mounted endpoints and a handwritten handler for the connection's status, and returns the port. */
export async function expressServer({ sdk, http }: ServedSdk): Promise<number> {
  const app = express();
  // The mounted endpoints send no ETag with `no-store` responses, so the handwritten handler must not compute one either.
  app.disable("etag");
  app.get("/by-hand/connection/status", async (request, response) => {
    const { method, path, headers } = request;
    const bearerToken = tokenOf(headers.authorization);
    const user = await http.authenticator.authenticate({ method, path, headers: {}, bearerToken, raw: request });
    if (user === null) return void response.status(401).set("www-authenticate", "Bearer").set(OWN).json(LOG_IN);
    response.set(OWN).json(statusBody(await sdk.connections.status(String(user.id))));
  });
  app.use(githubRouter(sdk, http));
  const server = createServer(app);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return portOf(server);
}
