import { createContractFixture, heavyRequestCase } from "@infrajet/github-testing/contract";
import Fastify from "fastify";
import { afterAll, describe, it } from "vitest";
import { githubPlugin } from "../src/index.js";

/** `HEAVY_REQUESTS=2000` sends more requests, `HEAVY_REQUESTS_SEED` chooses others. */
const OPTIONS = {
  count: Number(process.env.HEAVY_REQUESTS ?? 40),
  seed: Number(process.env.HEAVY_REQUESTS_SEED ?? 1),
};

describe("githubPlugin on Fastify 5", () => {
  const fixture = createContractFixture(async ({ sdk, options }) => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(githubPlugin, { sdk, ...options });
    return { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
  });
  afterAll(() => fixture.close());

  const { name, run } = heavyRequestCase(OPTIONS);
  it(name, { timeout: 600_000 }, () => run(fixture.host));
});
