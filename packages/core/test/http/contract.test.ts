import { createGitHubHttp } from "@infrajet/github/http";
import { createContractWorld, httpContract } from "@infrajet/github-testing/contract";
import { afterAll, describe, it } from "vitest";
import { serveFetch } from "./fetch-server.js";

describe("the fetch handler", () => {
  const world = createContractWorld(({ sdk, options }) => serveFetch(createGitHubHttp(sdk, options).fetch));
  afterAll(() => world.close());

  for (const { name, run } of httpContract) it(name, () => run(world.host));
});
