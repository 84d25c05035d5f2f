// A framework's server in its own process: `server.ts express`. Sends its port and a token to the parent process, and responds to
// every message with its CPU time.
import process from "node:process";
import { servedSdk } from "./served-sdk.js";

/** The first message to the parent process. */
export interface ServerReady {
  readonly port: number;
  readonly token: string;
}

/** The response to every message: CPU time in microseconds since the process started. */
export type ServerWork = number;

const served = await servedSdk();
const port =
  process.argv[2] === "express"
    ? await (await import("./express.js")).expressServer(served)
    : await (await import("./fastify.js")).fastifyServer(served);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) satisfies ServerWork);
});
process.once("disconnect", () => process.exit());
process.send?.({ port, token: served.token } satisfies ServerReady);
