import { createGitHubSdk, type GitHubSdk, type GitHubSdkOptions } from "@infrajet/github";
import { folderProjectFiles } from "@infrajet/github/folder";
import { MemoryJobRunner, MemoryProjectFiles, memoryStores } from "@infrajet/github/memory";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../github/manual-clock.js";

let sdk: GitHubSdk | null = null;
afterEach(() => sdk?.close());

const clock = new ManualClock();
const warn = vi.fn();

function open(options: Partial<GitHubSdkOptions> = {}): GitHubSdk {
  const logger = { debug: () => undefined, info: () => undefined, warn, error: () => undefined };
  sdk = createGitHubSdk({ auth: "token", projectFiles: new MemoryProjectFiles(), clock, logger, ...options });
  return sdk;
}

describe("sdk.ready", () => {
  it("returns the checks of the stores and the source", async () => {
    expect(await open().ready()).toEqual({
      ready: true,
      checks: {
        store: { ok: true, text: "Reachable" },
        migrations: { ok: true, text: "Applied" },
        source: { ok: true, text: "Reachable" },
      },
    });
  });

  it("names a failed check without the reason, and logs the reason", async () => {
    const stores = memoryStores();
    vi.spyOn(stores.deliveries, "find").mockRejectedValue(new Error("connect to db.internal as root failed"));
    const readiness = await open({ stores }).ready();
    expect(readiness).toMatchObject({ ready: false, checks: { store: { ok: true }, migrations: { ok: false } } });
    expect(JSON.stringify(readiness)).not.toContain("internal");
    expect(warn).toHaveBeenCalledWith("A readiness check failed.", expect.objectContaining({ check: "migrations" }));
  });

  it("finds a folder of projects that is missing", async () => {
    const projectFiles = folderProjectFiles({ root: "/nonexistent/projects" });
    expect(await open({ projectFiles }).ready()).toMatchObject({ ready: false, checks: { source: { ok: false } } });
  });

  it("checks the queue of a job runner that has one", async () => {
    const withHealth = (reachable: boolean) =>
      Object.assign(new MemoryJobRunner(), { health: async () => ({ reachable, waiting: null, detail: null }) });
    expect(await open({ jobs: withHealth(false) }).ready()).toMatchObject({
      checks: { queue: { ok: false, text: "Failed" } },
    });
    expect(await open({ jobs: withHealth(true) }).ready()).toMatchObject({ checks: { queue: { ok: true } } });
  });

  it("reads once for any number of calls within 2 seconds", async () => {
    const stores = memoryStores();
    const read = vi.spyOn(stores.deliveries, "find");
    const opened = open({ stores });
    await Promise.all(Array.from({ length: 1_000 }, () => opened.ready()));
    await opened.ready();
    expect(read).toHaveBeenCalledTimes(1);
    await clock.advance(2_001);
    await opened.ready();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it("times out after 2 seconds, and does not add reads to a storage that does not respond", async () => {
    const stores = memoryStores();
    const read = vi.spyOn(stores.deliveries, "find").mockReturnValue(new Promise(() => undefined));
    const opened = open({ stores });
    for (const reads of [1, 1]) {
      const readiness = opened.ready();
      await clock.advance(2_001);
      expect((await readiness).checks.migrations).toEqual({ ok: false, text: "Timed out" });
      expect(read).toHaveBeenCalledTimes(reads);
    }
    await clock.advance(30_000);
    void opened.ready();
    expect(read).toHaveBeenCalledTimes(2);
    await clock.advance(2_001);
  });

  it("is not ready once the SDK is closed", async () => {
    const opened = open();
    await opened.ready();
    await opened.close();
    expect(await opened.ready()).toMatchObject({ ready: false, checks: { store: { text: "Shutting down" } } });
  });
});
