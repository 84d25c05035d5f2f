import { createGitHubSdk, type GitHubSdk, isGitHubSdkError } from "@infrajet/github";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Host } from "./host.js";

let host: Host;
beforeEach(async () => {
  host = await Host.start();
});
afterEach(() => host.close());

it("a push that would exceed GitHub's limit for content is rejected without a request, unless rateBudget is null", async () => {
  await host.connect("7", "ann");
  const installationId = await host.install("7", "ann", "acme");
  await host.box.createRepository({ owner: "acme", name: "infra", autoInit: true });
  const push = (sdk: GitHubSdk, file: string): Promise<unknown> =>
    sdk.app.push({ userId: "7", installationId, repository: "acme/infra", message: file, files: { [file]: file } });
  let pushed = 0;
  let error: unknown = null;
  for (; error === null && pushed < 100; pushed++)
    error = await push(host.sdk, `${pushed}.txt`).then(() => null, String);
  expect(error).toContain("rate limit");
  expect(pushed).toBeLessThanOrEqual(81);

  const { configuration, stores, files: projectFiles, clock } = host;
  const free = createGitHubSdk({ ...configuration, stores, projectFiles, clock, rateBudget: null });
  const rejection = await push(host.sdk, "rejected.txt").catch((thrown: unknown) => thrown);
  expect(isGitHubSdkError(rejection, "rate_limited")).toBe(true);
  await expect(push(free, "free.txt")).resolves.toMatchObject({ files: 1 });
  await free.close();
});
