import { once } from "node:events";
import { createServer } from "node:http";
import { githubRouter } from "@infrajet/github-express";
import express from "express";
import { LOG_IN, OWN, statusBody, tokenOf } from "./by-hand.js";
import { portOf } from "./port.js";
import type { ServedSdk } from "./served-sdk.js";

/** Express with the endpoints mounted, and the one of the connection's status written by hand. Gives the port. */
export async function expressServer({ sdk, http }: ServedSdk): Promise<number> {
  const app = express();
  // The endpoints send no ETag with an answer that nobody may keep: whoever writes by hand must not pay for one either.
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
