import { fork } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compiledProgram } from "../../../../.ci/compiled-program.js";
import { SYNC_OPTIONS } from "../sync-options.js";
import { sqliteDatabase, type TestDatabase } from "../test-database.js";

/** Set INFRAJET_HEAP_MB=512 for records of 8.8 MB, which an earlier version accepted. */
const HEAP_MEGABYTES = Number(process.env.INFRAJET_HEAP_MB ?? 128);
const RECORDS = 60;
// Together they exceed the heap.
const OPTIONS_BYTES = Math.round((HEAP_MEGABYTES * 1_048_576 * 1.05) / RECORDS);

const PROJECT = { userId: "7", projectId: "network" };
const TARGET = {
  ...{ apiUrl: "https://api.github.com", repositoryId: 1, branch: "main" },
  ...{ source: "project:7/network", directory: "" },
};

describe(`PrismaSyncRecordStore in a process with a heap of ${HEAP_MEGABYTES} MB`, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await sqliteDatabase();
  });
  afterAll(() => database.remove());

  it("lists pending records whose options together exceed the heap", { timeout: 180_000 }, async () => {
    const { records } = database.stores();
    const draft = { ...PROJECT, target: TARGET, repository: "a/b", options: SYNC_OPTIONS, createdAt: new Date() };
    for (let count = 0; count < RECORDS; count += 1) await records.create(draft);
    const paths = `'"filePaths":["' || hex(zeroblob(${Math.round(OPTIONS_BYTES / 2)})) || '"]'`;
    await database.sql(`UPDATE github_sync_records SET options = replace(options, '"filePaths":null', ${paths})`);
    expect(JSON.stringify((await records.find(1))?.options).length).toBeGreaterThan(OPTIONS_BYTES);

    const program = await compiledProgram(new URL("listing-process.ts", import.meta.url));
    const child = fork(program, [database.url, PROJECT.userId, PROJECT.projectId, TARGET.apiUrl], {
      execArgv: [`--max-old-space-size=${HEAP_MEGABYTES}`],
    });
    const exited = once(child, "exit").then(([code, signal]) => [{ exited: code ?? signal }]);
    const [message] = await Promise.race([once(child, "message"), exited]);
    await exited;
    expect(message).toEqual({ unfinished: RECORDS, due: 1, entries: RECORDS, totalSyncs: RECORDS });
  });
});
