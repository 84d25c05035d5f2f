import { createManualClock } from "@infrajet/github-testing/conformance";
import { afterEach, expect, it } from "vitest";
import type { SyncRecord } from "../../../src/domain/sync-record.js";
import { EventBus } from "../../../src/events.js";
import { silentLogger } from "../../../src/logger.js";
import { MemoryPubSub } from "../../../src/memory/memory-pub-sub.js";
import { MemorySyncRecordStore } from "../../../src/memory/memory-sync-record-store.js";
import { ProgressReporter } from "../../../src/sync/record/progress.js";
import { ProgressKeeper } from "../../../src/sync/record/progress-keeper.js";
import { RunningSyncs } from "../../../src/sync/run/running-syncs.js";
import { parseSyncRequest } from "../../../src/sync/sync-request.js";
import { TARGET } from "../plan/planned-sync.js";

const project = { userId: "ada", projectId: "infra" };
const { options } = parseSyncRequest({ project, repository: "ada/infra" });
const clock = createManualClock();
const records = new MemorySyncRecordStore([], clock);
const bus = new EventBus(new MemoryPubSub(), silentLogger);
const keepers: ProgressKeeper[] = [];
afterEach(() => Promise.all(keepers.splice(0).map((keeper) => keeper.stop())));

async function running(): Promise<SyncRecord> {
  const draft = { ...project, target: TARGET, repository: "ada/infra", options, createdAt: new Date(0) };
  const { id } = await records.create(draft);
  const record = await records.transition(id, { from: ["pending"], to: "in_progress", leaseToken: 4 }, {});
  if (record === null) throw new Error("not started");
  return record;
}

it("ProgressKeeper stores the last progress every 5 seconds, and nothing while there is none", async () => {
  const record = await running();
  keepers.push(new ProgressKeeper({ records, bus, clock, logger: silentLogger }, record));
  const reporter = new ProgressReporter(bus, clock, record);
  reporter.report("reading", 1, 4);
  reporter.report("reading", 2, 4, "main.tf");
  expect((await records.find(record.id))?.progress).toBeNull();
  await clock.advance(5_000);
  const stored = await records.find(record.id);
  expect(stored?.progress).toMatchObject({
    phase: "reading",
    percentage: 30,
    filesCompleted: 2,
    currentFile: "main.tf",
  });
  expect(stored?.changeSeq).toBe(record.changeSeq);
  await records.update(record.id, 4, { progress: null });
  await clock.advance(5_000);
  expect((await records.find(record.id))?.progress).toBeNull();
});

it("RunningSyncs of a process that heard no events returns the stored progress", async () => {
  const record = await running();
  keepers.push(new ProgressKeeper({ records, bus, clock, logger: silentLogger }, record));
  new ProgressReporter(bus, clock, record).report("writing", 1, 2);
  await clock.advance(5_000);
  const elsewhere = new RunningSyncs(new EventBus(new MemoryPubSub(), silentLogger), records);
  const found = await elsewhere.ofProject(project);
  expect(found.find(({ syncId }) => syncId === record.id)).toMatchObject({ phase: "writing", percentage: 84 });
});
