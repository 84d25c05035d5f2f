import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCollidingBranch } from "../../src/repository/colliding-branch.js";
import { createBranch } from "../../src/repository/create-branch.js";
import { createGitDataWriter } from "../../src/repository/git-data-writer.js";
import { createPushWriter } from "../../src/repository/push-writer.js";
import { BoxedGitHub, failureOf, never } from "./boxed-github.js";

let github: BoxedGitHub;
beforeEach(async () => {
  github = await BoxedGitHub.start();
  await github.repository.commit({ branch: "feature", files: { "a.txt": "a" } });
  await github.repository.commit({ branch: "release/1.0", files: { "a.txt": "a" } });
});
afterEach(() => github.close());

const collisions = [
  ["feature/x", "feature"],
  ["feature/x/y", "feature"],
  ["release", "release/1.0"],
] as const;

describe.each([
  ["git-data", createGitDataWriter()],
  ["push", createPushWriter({ author: null, sign: null })],
] as const)("%s writer", (_, writer) => {
  it.each(collisions)("throws invalid_branch for a new branch %s that collides with %s", async (branch, other) => {
    const changeSet = await github.changeSet({ branch, writes: { "b.txt": "b" } });
    const error = await failureOf(github.write(writer, changeSet));
    expect(error).toMatchObject({
      code: "invalid_branch",
      message: expect.stringContaining(`existing branch ${other}.`),
      details: { name: branch, collidesWith: other },
    });
  });
});

describe("createBranch", () => {
  it.each(collisions)("throws invalid_branch for a new branch %s that collides with %s", async (branch, other) => {
    const head = await github.repository.head();
    const created = createBranch(github.client, "octo/project", branch, head ?? "", never);
    expect(await failureOf(created)).toMatchObject({ code: "invalid_branch", details: { collidesWith: other } });
  });
});

describe("findCollidingBranch", () => {
  it.each([
    ["feature", null],
    ["featured", null],
    ["feature-2/x", null],
    ["release/1", null],
    ["release/1.0/hotfix", "release/1.0"],
  ])("returns for the branch %s the colliding branch %s", async (branch, other) => {
    const query = { client: github.client, fullName: "octo/project", branch, signal: never };
    expect(await findCollidingBranch(query)).toBe(other);
  });
});
