import { createGitHubSdk, type GitHubSdk, silentLogger } from "@infrajet/github";
import { MemoryProjectFiles, memoryStores } from "@infrajet/github/memory";
import { createManualClock } from "@infrajet/github-testing/conformance";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const clock = createManualClock();
let stores: ReturnType<typeof memoryStores>;
let sdks: GitHubSdk[];
let walks: number;

beforeEach(() => {
  stores = memoryStores({ clock });
  walks = 0;
  const unfinished = stores.records.unfinished.bind(stores.records);
  vi.spyOn(stores.records, "unfinished").mockImplementation(async (afterId, limit) => {
    walks += 1;
    return unfinished(afterId, limit);
  });
  const start = (): GitHubSdk =>
    createGitHubSdk({ auth: "token", projectFiles: new MemoryProjectFiles(), stores, clock, logger: silentLogger });
  sdks = [start(), start(), start()];
});
afterEach(async () => {
  for (const sdk of sdks) await sdk.close();
});

describe("recovery with three processes", () => {
  it("is done by one of them at a time, about every 15 seconds", async () => {
    await clock.advance(60_000);
    expect(walks).toBeGreaterThanOrEqual(4);
    expect(walks).toBeLessThanOrEqual(6);
  });

  it("is done by another process within 5 seconds after the process of the last turn has closed", async () => {
    await clock.advance(1);
    expect(walks).toBe(1);
    const [first] = sdks;
    await first?.close();
    await clock.advance(5_000);
    expect(walks).toBe(2);
  });

  it("leaves the records of other GitHub servers to their processes", async () => {
    const others = createGitHubSdk({
      ...{ auth: "token", projectFiles: new MemoryProjectFiles(), stores, clock, logger: silentLogger },
      apiUrl: "https://github.example.com/api/v3",
    });
    sdks.push(others);
    await clock.advance(1);
    expect(walks).toBe(2);
  });
});
