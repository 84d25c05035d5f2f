import { createGitHubSdk, type GitHubSdkOptions } from "@infrajet/github";
import { MemoryProjectFiles, memoryStores } from "@infrajet/github/memory";
import { afterEach, describe, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

async function warningsOf(environment: string, options: Partial<GitHubSdkOptions> = {}): Promise<readonly string[]> {
  vi.stubEnv("NODE_ENV", environment);
  const warnings: string[] = [];
  const logger = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
  await createGitHubSdk({ auth: "token", projectFiles: new MemoryProjectFiles(), logger, ...options }).close();
  return warnings;
}

const oauth = {
  oauth: { clientId: "c", clientSecret: "s" },
  encryptionKeys: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
};

describe("createGitHubSdk with stores in memory", () => {
  it("warns once in production and names what is lost", async () => {
    expect(await warningsOf("production")).toEqual([expect.stringMatching(/history and the baselines.*`stores`/)]);
    expect(await warningsOf("production", { stores: memoryStores(), ...oauth })).toEqual([
      expect.stringContaining("the users' connections"),
    ]);
  });

  it("does not warn elsewhere, or about stores that are not in memory", async () => {
    expect(await warningsOf("development")).toEqual([]);
    const { records, baselines, locks } = memoryStores();
    const kept = Object.assign(Object.create(null), {
      find: records.find,
      due: async () => [],
      unfinished: async () => [],
    });
    expect(await warningsOf("production", { stores: { records: kept, baselines, locks } })).toEqual([]);
  });
});
