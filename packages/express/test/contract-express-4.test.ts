import { createContractWorld, httpContract } from "@infrajet/github-testing/contract";
import express from "express4";
import { afterAll, describe, it, vi } from "vitest";
import { githubRouter } from "../src/index.js";
import { serveApp } from "./served-app.js";

// What a host with Express 4 has installed under that name.
vi.mock("express", () => import("express4"));

describe("Express 4", () => {
  const world = createContractWorld(({ sdk, options }) => serveApp(express().use(githubRouter(sdk, options))));
  afterAll(() => world.close());

  for (const { name, run } of httpContract) it(name, () => run(world.host));
});
