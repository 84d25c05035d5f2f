// One framework's server in a process of its own: `server.ts express`. Tells the parent where it is, and a token.
import process from "node:process";
import { servedSdk } from "./served-sdk.js";

/** What the parent is told. */
export interface ServerReady {
  readonly port: number;
  readonly token: string;
}

const served = await servedSdk();
const port =
  process.argv[2] === "express"
    ? await (await import("./express.js")).expressServer(served)
    : await (await import("./fastify.js")).fastifyServer(served);
process.send?.({ port, token: served.token } satisfies ServerReady);
process.once("disconnect", () => process.exit());
