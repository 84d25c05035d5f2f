import { githubRouter } from "@infrajet/github-express";
import { createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import express from "express";
import { afterAll, it } from "vitest";
import { serveApp } from "./served-app.js";

/** Declares the tests of the HTTP contract on a host with only the router. */
export function describeContract(): void {
  const world = createContractFixture(({ sdk, options }) => serveApp(express().use(githubRouter(sdk, options))));
  afterAll(() => world.close());

  for (const { name, run } of httpContract) it(name, () => run(world.host));
}
