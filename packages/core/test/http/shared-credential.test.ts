import { createServer } from "node:http";
import { createGitHubSdk, type GitHubSdk, type GitHubSdkAuth, tokenCredential } from "@infrajet/github";
import { createGitHubHttp } from "@infrajet/github/http";
import { MemoryAuthenticator, MemoryProjectFiles } from "@infrajet/github/memory";
import { attachRealtime } from "@infrajet/github/node";
import { afterEach, describe, expect, it } from "vitest";

const authenticator = new MemoryAuthenticator({});
const sdks: GitHubSdk[] = [];
afterEach(async () => {
  for (const sdk of sdks.splice(0)) await sdk.close();
});

function start(auth: GitHubSdkAuth): GitHubSdk {
  const sdk = createGitHubSdk({ auth, projectFiles: new MemoryProjectFiles() });
  sdks.push(sdk);
  return sdk;
}

const refused = expect.objectContaining({
  code: "invalid_options",
  message: expect.stringContaining("sharedCredential: true"),
});

describe.each<[string, GitHubSdkAuth]>([
  ["a token", "ghp_1234567890"],
  ["a credential", tokenCredential("ghp_1234567890")],
])("endpoints of an SDK whose auth is %s", (_name, auth) => {
  it("createGitHubHttp refuses to give every user the rights of that credential", () => {
    expect(() => createGitHubHttp(start(auth), { authenticator })).toThrow(refused);
    expect(() => createGitHubHttp(start(auth), { authenticator, sharedCredential: false })).toThrow(refused);
  });

  it("attachRealtime refuses it as well", () => {
    expect(() => attachRealtime(createServer(), start(auth), { authenticator })).toThrow(refused);
  });

  it("createGitHubHttp allows it with sharedCredential: true", () => {
    expect(() => createGitHubHttp(start(auth), { authenticator, sharedCredential: true })).not.toThrow();
  });
});

describe("endpoints of an SDK whose auth is a function of the sync's owner", () => {
  it("createGitHubHttp needs no sharedCredential, because each user has a credential of their own", () => {
    const sdk = start(async ({ userId }) => tokenCredential(`ghp_of_${userId}`));
    expect(() => createGitHubHttp(sdk, { authenticator })).not.toThrow();
  });
});
