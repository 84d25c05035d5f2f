import { afterAll, beforeAll, expect, it } from "vitest";
import { AppManifests } from "../../../src/github/apps/app-manifests.js";
import { createGitHubBox, type GitHubBox } from "../../../src/index.js";

let box: GitHubBox;
beforeAll(async () => {
  box = await createGitHubBox();
});
afterAll(() => box.close());

it("returns the App of a code once, for less than an hour", () => {
  let now = 0;
  const manifests = new AppManifests(() => now);
  const app = box.addApp({});
  const [used, expired] = [manifests.issueCode(app), manifests.issueCode(app)];
  now = 60 * 60 * 1000 - 1;
  expect([manifests.useCode(used), manifests.useCode(used)]).toEqual([app, undefined]);
  now += 1;
  expect(manifests.useCode(expired)).toBeUndefined();
});
