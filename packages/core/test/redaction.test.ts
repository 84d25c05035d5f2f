import { createGitHubSdk, GitHubSdkError, silentLogger } from "@infrajet/github";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import { describe, expect, it } from "vitest";
import { redact, redactedCause, redactingSecret, withoutSecret } from "../src/redaction.js";
import { leastCpuTime } from "./cpu-time.js";

const HEX = "e72e16c7e42f292c6912e7710c838347ae178b4a";
const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOjQyLCJpYXQiOjF9.c2lnbmF0dXJl";

describe("redact", () => {
  it.each([
    ["a password in a URL", "https://ann:hunter2@host/x", "https://[redacted]@host/x"],
    ["a password in a URL without a user", "redis://:hunter2@host:6379", "redis://[redacted]@host:6379"],
    ["a personal access token", "used ghp_abcdefghijklmnop1234", "used [redacted]"],
    ["an installation token of the old form", `got v1.${HEX}`, "got [redacted]"],
    ["a JSON Web Token", `sent ${JWT} to GitHub`, "sent [redacted] to GitHub"],
    ["a bearer token", `authorization: Bearer ${HEX}`, "authorization: Bearer [redacted]"],
    ["40 hexadecimal digits after the word token", `token ${HEX}`, "token [redacted]"],
    ["40 hexadecimal digits in access_token", `access_token=${HEX}&scope=repo`, "access_token=[redacted]&scope=repo"],
    [
      "40 hexadecimal digits in JSON",
      `{"access_token":"${HEX}","scope":"repo"}`,
      '{"access_token":"[redacted]","scope":"repo"}',
    ],
    ["a client secret", "client_id=1&client_secret=s3cr3t", "client_id=1&client_secret=[redacted]"],
    ["an authorization code", "/callback?code=0123abcd4567&state=x", "/callback?code=[redacted]&state=x"],
    ["an Azure account key", "AccountName=a;AccountKey=q2w3==;End=1", "AccountName=a;AccountKey=[redacted];End=1"],
  ])("removes %s", (_name, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    `The branch is at ${HEX}.`,
    "connect failed with code=ECONNREFUSED",
    "git ended with code=128",
    "https://github.com/acme/infra/compare/main...dev",
    "Sign in with GitHub again.",
  ])("keeps %j", (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each(["eyJ-", "v1.", "//a:", "token ", "-----BEGIN PRIVATE KEY-----", "client_secret=", "ghp_"])(
    "takes less than 500 ms for a megabyte of %j",
    async (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expect(await leastCpuTime(500, () => redact(text))).toBeLessThan(500);
    },
  );
});

describe("redactingSecret", () => {
  it("removes a secret whose form is unknown", () => {
    expect(redactingSecret("opaque")("got opaque, twice: opaque")).toBe("got [redacted], twice: [redacted]");
  });
});

describe("withoutSecret", () => {
  it("removes a secret from every text of a JSON value", () => {
    const value = { message: "bad opaque", errors: [{ value: "opaque", line: 1 }], none: null };
    expect(withoutSecret(value, "opaque")).toEqual({
      message: "bad [redacted]",
      errors: [{ value: "[redacted]", line: 1 }],
      none: null,
    });
  });

  it("drops values that are nested too deeply instead of overflowing the stack", () => {
    let nested: unknown = "opaque";
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested];
    expect(JSON.stringify(withoutSecret(nested, "opaque"))).not.toContain("opaque");
  });
});

describe("redactedCause", () => {
  it("returns the same error when it contains no secret", () => {
    const error = new TypeError("failed", { cause: new Error("refused") });
    expect(redactedCause(error)).toBe(error);
  });

  it("keeps name, code and causes of an error with a secret", () => {
    const error = Object.assign(new TypeError(`Bearer ${HEX}`, { cause: new Error(`token ${HEX}`) }), { code: "E1" });
    const redacted = redactedCause(error);
    expect(redacted).toMatchObject({ name: "TypeError", code: "E1", message: "Bearer [redacted]" });
    expect(redacted).toMatchObject({ cause: { message: "token [redacted]" } });
    expect(String((redacted as Error).stack)).not.toContain(HEX);
  });
});

describe("GitHubSdkError", () => {
  it("has a cause without secrets", () => {
    const { cause } = new GitHubSdkError("store_failed", "The store failed.", {
      cause: new Error("connect postgres://host:hunter2@db"),
    });
    expect(cause).toMatchObject({ message: "connect postgres://[redacted]@db" });
  });

  it("keeps a cause that is not an error", () => {
    const cause = { code: 1 };
    expect(new GitHubSdkError("store_failed", "The store failed.", { cause }).cause).toBe(cause);
  });
});

describe("an error of GitHub that repeats the token", () => {
  it("reaches the host with a cause without the token, whatever the token's form", async () => {
    const token = "opaque-token-of-a-proxy";
    const { createServer } = await import("node:http");
    const server = createServer((request, response) => {
      const body = JSON.stringify({ message: `Rejected: ${request.headers.authorization}`, token });
      response.writeHead(418, { "content-type": "application/json" }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const projectFiles = new MemoryProjectFiles();
    const project = { userId: "7", projectId: "infra" };
    projectFiles.setProject(project, { "main.tf": "a" });
    const sdk = createGitHubSdk({
      auth: token,
      apiUrl: `http://127.0.0.1:${port}`,
      projectFiles,
      logger: silentLogger,
    });
    try {
      const error: unknown = await sdk.sync
        .plan({ project, repository: "acme/infra" })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GitHubSdkError);
      const cause = (error as GitHubSdkError).cause as Error;
      expect(cause.message).toContain("[redacted]");
      expect(`${cause.message} ${cause.stack}`).not.toContain(token);
    } finally {
      await sdk.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
