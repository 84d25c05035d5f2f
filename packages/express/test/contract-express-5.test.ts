import { createContractWorld, httpContract } from "@infrajet/github-testing/contract";
import express from "express";
import { afterAll, describe, it } from "vitest";
import { githubRouter } from "../src/index.js";
import { serveApp } from "./served-app.js";

describe("Express 5", () => {
  const world = createContractWorld(({ sdk, options }) => serveApp(express().use(githubRouter(sdk, options))));
  afterAll(() => world.close());

  for (const { name, run } of httpContract) it(name, () => run(world.host));
});
