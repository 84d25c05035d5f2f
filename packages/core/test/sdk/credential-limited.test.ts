import { createGitHubSdk, silentLogger } from "@infrajet/github";
import { MemoryProjectFiles, MemoryPubSub } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScriptedServer } from "../github/scripted-server.js";

const project = { userId: "7", projectId: "network" };
const request = { project, repository: "ann/infra" };

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
  server.script({ status: 429, headers: { "retry-after": "40" }, body: { message: "rate limit" } });
});
afterEach(() => server.close());

describe("credential.limited", () => {
  it("delays the credential's requests in every process when GitHub limits them in one", async () => {
    const pubSub = new MemoryPubSub();
    const projectFiles = new MemoryProjectFiles();
    projectFiles.setProject(project, { "a.txt": "a" });
    const open = (auth: string) =>
      createGitHubSdk({ auth, apiUrl: server.url, projectFiles, pubSub, logger: silentLogger });
    const [one, other, stranger] = [open("token-a"), open("token-a"), open("token-b")];
    const limited = new Promise<unknown>((resolve) => other.on("credential.limited", resolve));
    const interactive = { isInteractive: true };
    await expect(one.sync.plan(request, interactive)).rejects.toMatchObject({ code: "rate_limited" });
    expect(await limited).toMatchObject({ apiUrl: server.url, key: expect.stringMatching(/^token:/), waitMs: 40_000 });
    const before = server.requests.length;
    await expect(other.sync.plan(request, interactive)).rejects.toMatchObject({ code: "rate_limited" });
    expect(server.requests).toHaveLength(before);
    await expect(stranger.sync.plan(request, interactive)).rejects.toMatchObject({ code: "rate_limited" });
    expect(server.requests.length).toBeGreaterThan(before);
    for (const sdk of [one, other, stranger]) await sdk.close();
  });
});
