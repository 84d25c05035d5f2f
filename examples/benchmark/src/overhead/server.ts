// One framework's server in a process of its own: `server.ts express`. Tells the parent where it is, and a token; then, as often
// as the parent asks, how long its processor has worked.
import process from "node:process";
import { servedSdk } from "./served-sdk.js";

/** What the parent is told first. */
export interface ServerReady {
  readonly port: number;
  readonly token: string;
}

/** What the parent is told whenever it asks: microseconds since the process began. */
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
