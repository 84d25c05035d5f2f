import type { ProjectFiles, SyncRecord } from "@infrajet/github/adapters";
import { MemoryPubSub } from "@infrajet/github/memory";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GitHubSdk } from "../../src/github-sdk.js";
import { PROJECT, SyncFixture } from "../sync/sync-fixture.js";
import { ServedRealtime } from "./served-fixture.js";
import type { WireMessage } from "./socket-client.js";

let fixture: SyncFixture;
let elsewhere: GitHubSdk;
let served: ServedRealtime;
beforeEach(async () => {
  fixture = await SyncFixture.create({ files: { "main.tf": "a\n" }, sdk: { pubSub: new MemoryPubSub() } });
  elsewhere = fixture.startSdk();
  fixture.sdks.push(elsewhere);
  served = await ServedRealtime.start(elsewhere);
});
afterEach(async () => {
  await served.close();
  await fixture.close();
});

const isProgress = ({ type }: WireMessage): boolean => type === "github_sync_progress";

describe("a WebSocket on another process than the sync", () => {
  it("receives the same messages as one on the sync's process", async () => {
    const client = await served.follow("token-7", "infra");
    const record = await fixture.sdks[0]?.sync.run(fixture.request());
    const told = await client.untilType("github_sync_completed");
    expect(told.at(-1)?.data).toMatchObject({ sync_id: String(record?.id), commit_sha: record?.commitId });
    expect(told.filter(isProgress).map(({ data }) => data.progress_percentage)).toEqual(
      expect.arrayContaining([0, 60, 100]),
    );
  });

  it("receives the latest progress after a reconnect and all later messages", async () => {
    const { running, reached, release } = await runHalfWay();
    const again = await served.follow("token-7", "infra");
    const [, latest] = await again.count(2);
    expect(latest).toMatchObject({ type: "github_sync_progress", data: { progress_percentage: reached } });
    release();
    const record = await running;
    const told = await again.untilType("github_sync_completed");
    const percentages = told.filter(isProgress).map(({ data }) => Number(data.progress_percentage));
    expect(percentages).toEqual([...percentages].sort((a, b) => a - b));
    expect(told.at(-1)?.data).toMatchObject({ sync_id: String(record.id), files_synced: 40 });
  });

  it("receives the progress from the record when it connects after the sync started", async () => {
    const { running, release } = await runHalfWay();
    const late = fixture.startSdk();
    fixture.sdks.push(late);
    const servedLate = await ServedRealtime.start(late);
    const client = await servedLate.follow("token-7", "infra");
    const [, latest] = await client.count(2);
    expect(latest).toMatchObject({ data: { status: "in_progress", progress_percentage: 0 } });
    release();
    await running;
    await client.untilType("github_sync_completed");
    await servedLate.close();
  });
});

/** Starts a sync that stops before its last file until it is released. */
async function runHalfWay(): Promise<{ running: Promise<SyncRecord>; reached: number; release: () => void }> {
  const names = Array.from({ length: 40 }, (_, index) => `${index}.tf`);
  fixture.files.setProject(PROJECT, Object.fromEntries(names.map((name) => [name, `${name}\n`])));
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const held: ProjectFiles = {
    open: async (project, options) => {
      const session = await fixture.files.open(project, options);
      return {
        list: (directory, listOptions) => session.list(directory, listOptions),
        read: async (file, readOptions) => {
          if (file.path === "9.tf") await released;
          return session.read(file, readOptions);
        },
        close: () => session.close(),
      };
    },
  };
  const runner = fixture.startSdk({ projectFiles: held });
  fixture.sdks.push(runner);
  const client = await served.follow("token-7", "infra");
  const running = runner.sync.run(fixture.request());
  const told = await client.until(({ data }) => data.files_completed === 39);
  await client.close();
  return { running, release, reached: Number(told.at(-1)?.data.progress_percentage) };
}
