import { type ErrorCode, GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { expect, it } from "vitest";

/** The error class of another copy of the package, such as its CommonJS build. */
class OtherCopy extends Error {
  readonly code: ErrorCode = "cancelled";

  constructor() {
    super("Cancelled.");
    Object.defineProperty(this, Symbol.for("@infrajet/github.error"), { value: true });
  }
}

it("recognizes errors of another copy of the package with instanceof", () => {
  const error: unknown = new OtherCopy();
  expect(error instanceof GitHubSdkError && error.code).toBe("cancelled");
  expect(isGitHubSdkError(error, "cancelled")).toBe(true);
  expect(new GitHubSdkError("cancelled", "") instanceof GitHubSdkError).toBe(true);
  for (const other of [new Error("cancelled"), null, "cancelled"]) expect(other instanceof GitHubSdkError).toBe(false);
});
