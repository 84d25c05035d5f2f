import { githubRouter } from "@infrajet/github-express";
import { createContractFixture, heavyRequestCase } from "@infrajet/github-testing/contract";
import express from "express";
import { afterAll, describe, it } from "vitest";
import { serveApp } from "./served-app.js";

/** `HEAVY_REQUESTS=2000` sends more requests, `HEAVY_REQUESTS_SEED` chooses others. */
const OPTIONS = {
  count: Number(process.env.HEAVY_REQUESTS ?? 40),
  seed: Number(process.env.HEAVY_REQUESTS_SEED ?? 1),
};

describe("githubRouter on Express 5", () => {
  const fixture = createContractFixture(({ sdk, options }) => serveApp(express().use(githubRouter(sdk, options))));
  afterAll(() => fixture.close());

  const { name, run } = heavyRequestCase(OPTIONS);
  it(name, { timeout: 600_000 }, () => run(fixture.host));
});
