import { createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import Fastify from "fastify";
import { afterAll, describe, it } from "vitest";
import { githubPlugin } from "../src/index.js";

describe("githubPlugin on Fastify 5", () => {
  const world = createContractFixture(async ({ sdk, options }) => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(githubPlugin, { sdk, ...options });
    return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
  });
  afterAll(() => world.close());

  for (const { name, run } of httpContract) it(name, () => run(world.host));
});
