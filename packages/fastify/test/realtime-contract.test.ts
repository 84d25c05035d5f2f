import websocket from "@fastify/websocket";
import { createContractFixture, realtimeContract } from "@infrajet/github-testing/contract";
import Fastify from "fastify";
import { afterAll, describe, it } from "vitest";
import { githubPlugin } from "../src/index.js";

describe.each([
  ["Fastify 5", false],
  ["Fastify 5 whose host uses @fastify/websocket itself", true],
])("%s", (_host, isTheHosts) => {
  const world = createContractFixture(async ({ sdk, options }) => {
    const app = Fastify();
    if (isTheHosts) await app.register(websocket);
    await app.register(githubPlugin, { sdk, realtime: {}, ...options });
    return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
  });
  afterAll(() => world.close());

  for (const { name, run } of realtimeContract) it(name, () => run(world.host));
});
