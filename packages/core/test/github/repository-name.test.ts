import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isGitHubSdkError } from "../../src/errors.js";
import { parseRepositoryName } from "../../src/github/repository-name.js";

describe("parseRepositoryName", () => {
  it.each(["octocat/hello-world", "o/.github", "a-b-c/r_1.x", "short_corp/tool", "old--name-/x", "0/..."])(
    "accepts %s",
    (fullName) => {
      const { owner, name } = parseRepositoryName(fullName);
      expect(`${owner}/${name}`).toBe(fullName);
    },
  );

  it.each([
    ["", "owner/name"],
    ["octocat", "owner/name"],
    ["/name", "owner/name"],
    ["owner/", "owner/name"],
    ["a/b/c", "owner/name"],
    ["https://github.com/a/b", "owner/name"],
    ["a b/c", "account"],
    ["a/..", "repository"],
    ["a/.", "repository"],
    ["a/b c", "letters"],
    ["a/b?x=1", "letters"],
    ["a/b.git", ".git"],
    ["a/b.GIT", ".git"],
  ])("rejects %j with the reason", (fullName, hint) => {
    expect(() => parseRepositoryName(fullName)).toThrow(
      expect.objectContaining({ code: "invalid_repository_name", message: expect.stringContaining(hint) }),
    );
  });

  it("returns names that stay within two segments of a path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        try {
          const { owner, name } = parseRepositoryName(text);
          const url = new URL(`https://host/repos/${owner}/${name}`);
          expect(url.pathname).toBe(`/repos/${owner}/${name}`);
          expect(url.search + url.hash).toBe("");
        } catch (error) {
          if (!isGitHubSdkError(error, "invalid_repository_name")) throw error;
        }
      }),
    );
  });
});
