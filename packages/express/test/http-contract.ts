import { githubRouter } from "@infrajet/github-express";
import { createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import express from "express";
import { afterAll, it } from "vitest";
import { serveApp } from "./served-app.js";

/** The HTTP contract, on a host that has nothing but the router. */
export function describeContract(): void {
  const world = createContractFixture(({ sdk, options }) => serveApp(express().use(githubRouter(sdk, options))));
  afterAll(() => world.close());

  for (const { name, run } of httpContract) it(name, () => run(world.host));
}
