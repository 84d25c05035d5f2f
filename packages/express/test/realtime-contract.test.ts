import { createServer } from "node:http";
import { createContractFixture, realtimeContract } from "@infrajet/github-testing/contract";
import express from "express";
import { afterAll, describe, it } from "vitest";
import { attachRealtime, githubRouter } from "../src/index.js";
import { listen } from "./served-app.js";

describe("attachRealtime on Express 5", () => {
  const world = createContractFixture(({ sdk, options }) => {
    const server = createServer(express().use(githubRouter(sdk, options)));
    attachRealtime(server, sdk, options);
    return listen(server);
  });
  afterAll(() => world.close());

  for (const { name, run } of realtimeContract) it(name, () => run(world.host));
});
