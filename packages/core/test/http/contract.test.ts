import { createGitHubHttp } from "@infrajet/github/http";
import { createContractFixture, httpContract } from "@infrajet/github-testing/contract";
import { afterAll, describe, it } from "vitest";
import { serveFetch } from "./fetch-server.js";
import { validatedFetch } from "./validated-responses.js";

describe("createGitHubHttp's fetch handler", () => {
  const fixture = createContractFixture(({ sdk, options }) =>
    serveFetch(validatedFetch(createGitHubHttp(sdk, options))),
  );
  afterAll(() => fixture.close());

  for (const { name, run } of httpContract) it(name, () => run(fixture.host));
});
