import { describe, expect, it } from "vitest";
import { GitHubSdkError } from "../../src/errors.js";
import { errorFromResponse } from "../../src/github/error-mapping.js";
import { withRejectedPaths } from "../../src/repository/explain-refusal.js";

const route = { method: "POST", route: "/repos/{owner}/{repo}/git/trees", touchesWorkflows: false };

describe("withRejectedPaths", () => {
  it("names the push rule and the files that it rejects", () => {
    const message = "Repository rule violations found\n\nFile path is restricted\n- secret/keys.txt\n- a/b.txt: no";
    const error = errorFromResponse({ status: 422, headers: {}, data: { message } }, route);
    const paths = ["b.txt", "secret/keys.txt", "keys.txt", "a/b.txt", "other.txt"];
    expect(withRejectedPaths(error, paths)).toMatchObject({
      code: "branch_protected",
      message: expect.stringMatching(/file_path_restriction.*rejected "secret\/keys.txt", "a\/b.txt"\./),
      details: { rule: "file_path_restriction", paths: ["secret/keys.txt", "a/b.txt"], githubStatus: 422 },
    });
  });

  it("returns other errors unchanged", () => {
    const error = new GitHubSdkError("branch_protected", "protected");
    expect(withRejectedPaths(error, ["a"])).toBe(error);
  });
});
