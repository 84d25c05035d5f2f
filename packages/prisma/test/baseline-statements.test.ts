import { randomBytes } from "node:crypto";
import type { Baseline } from "@infrajet/github/adapters";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDatabaseUrl } from "../src/database/database-url.js";
import { loadDriver } from "../src/database/driver-adapter.js";
import { generatedClient } from "../src/database/generated-client.js";
import { prismaStores } from "../src/prisma-stores.js";
import { recordingAdapter, type SentStatement } from "./recording-adapter.js";
import { sqliteDatabase, type TestDatabase } from "./test-database.js";

const TARGET = {
  apiUrl: "https://api.github.com",
  repositoryId: 1,
  branch: "main",
  source: "project:7/network",
  directory: "",
};

describe("PrismaBaselineStore with 10,000 files", () => {
  let database: TestDatabase;
  const sent: SentStatement[] = [];

  beforeAll(async () => {
    database = await sqliteDatabase();
  });
  afterAll(() => database.remove());

  it("writes a baseline in one statement below 600 kB and reads it in one statement", async () => {
    const { adapter } = await loadDriver(parseDatabaseUrl(database.url));
    const client = await generatedClient(
      "sqlite",
      recordingAdapter(adapter, (statement) => sent.push(statement)),
    );
    const { baselines } = prismaStores(client);
    await baselines.save(TARGET, largeBaseline(), 1);
    const baseline = largeBaseline();

    sent.length = 0;
    expect(await baselines.save(TARGET, baseline, 2)).toBe(true);
    expect(sent.map(({ sql }) => sql)).toEqual([expect.stringMatching(/^UPDATE .*github_baselines/)]);
    expect(sizeOf(sent)).toBeLessThan(600_000);

    sent.length = 0;
    expect((await baselines.load(TARGET)).baseline).toEqual(baseline);
    expect(sent.map(({ sql }) => sql)).toEqual([expect.stringMatching(/^SELECT .*github_baselines/)]);
    await client.$disconnect();
  });
});

function sizeOf(statements: readonly SentStatement[]): number {
  const sizes = statements.flatMap(({ args }) => args.map((arg) => (arg instanceof Uint8Array ? arg.length : 0)));
  return Math.max(...sizes);
}

/** Returns a baseline with random version tags, whose files are all on the branch. */
function largeBaseline(): Baseline {
  const files = Array.from({ length: 10_000 }, (_, index) => {
    const path = `modules/module-${index % 100}/part-${index}/main.tf`;
    const oid = randomBytes(20).toString("hex");
    return { path, mode: "100644", oid, versionTag: `0x8D${randomBytes(6).toString("hex").toUpperCase()}` } as const;
  });
  return {
    ...{ head: "1".repeat(40), rootTree: "2".repeat(40), previousHead: null, etag: null, savedAt: 1_772_359_200_123 },
    entries: new Map(files.map(({ path, mode, oid, versionTag }) => [path, { mode, oid, versionTag }])),
    remote: new Map(files.map(({ path, mode, oid }) => [path, { mode, oid }])),
    contents: new Map(),
    ignoreFiles: new Map(),
  };
}
