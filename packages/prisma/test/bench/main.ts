// Measures sync histories, sums and cleanup with a million records: `npm run bench:stores [-- TENTHS]`, on SQLite and on the
// servers in INFRAJET_TEST_POSTGRES_URL and INFRAJET_TEST_MYSQL_URL. TENTHS of the records belong to one user; defaults to 1.
// Prints durations and query plans. Exits with 1 when a call takes too long or scans a whole table.
import process from "node:process";
import type { PrismaStores } from "../../src/prisma-stores.js";
import { serverDatabase, sqliteDatabase, type TestDatabase } from "../test-database.js";
import { HEAVIEST_USER, TYPICAL_USER } from "./bench-projects.js";
import { fillRecords } from "./fill-records.js";
import { fillUpkeep } from "./fill-upkeep.js";
import { type Measurement, measuredStores } from "./measured-stores.js";

const RECORDS = 1_000_000;
const UPKEEP_ROWS = 200_000;
const LIMIT_MILLISECONDS = 50;
// The words with which each database reports a scan of a whole table or index.
const WHOLE_TABLE = /Seq Scan|\| (ALL|index) \||SCAN main\./;

type Call = readonly [string, () => Promise<unknown>];

const heaviestTenths = Number(process.argv[2] ?? 1);
const servers = { PostgreSQL: process.env.INFRAJET_TEST_POSTGRES_URL, MariaDB: process.env.INFRAJET_TEST_MYSQL_URL };
for (const [name, url] of Object.entries(servers)) if (url !== undefined) await run(name, () => serverDatabase(url));
await run("SQLite", sqliteDatabase);

async function run(name: string, make: () => Promise<TestDatabase>): Promise<void> {
  const database = await make();
  try {
    await fillRecords(database, { count: RECORDS, heaviestTenths });
    await fillUpkeep(database, UPKEEP_ROWS);
    await analyze(name, database);
    console.log(`\n## ${name}\n`);
    const { stores, measure, close } = await measuredStores(database.url);
    for (const [what, call] of reads(stores)) {
      const measurement = await measure(call);
      print(what, measurement);
      if (measurement.worst > LIMIT_MILLISECONDS) fail(`${what}: not under ${LIMIT_MILLISECONDS} ms every time`);
    }
    for (const [what, call] of upkeep(stores)) print(what, await measure(call));
    await close();
  } finally {
    await database.remove();
  }
}

async function analyze(name: string, { sql }: TestDatabase): Promise<void> {
  if (name !== "MariaDB") return sql("ANALYZE");
  const tables = ["sync_records", "sync_sums", "oauth_states", "deliveries", "baselines"];
  await sql(...tables.map((table) => `ANALYZE TABLE github_${table}`));
}

/** Returns the calls that a person waits for. Each must stay below the limit every time. */
function reads({ records, deliveries }: PrismaStores): readonly Call[] {
  const histories = [TYPICAL_USER, HEAVIEST_USER].flatMap((userId): readonly Call[] => {
    const project = { userId, projectId: "project-0" };
    const own = { ...project, repository: `${userId}/project-0` };
    const middle = String(RECORDS / 2);
    return [
      [`metrics of ${userId}`, () => records.metrics(userId)],
      [`first page of ${userId}`, () => records.history(project, 50, null)],
      [`middle page of ${userId}`, () => records.history(project, 50, middle)],
      [`middle page of one repository of ${userId}`, () => records.history(own, 50, middle)],
      [`summary of ${userId}`, () => records.summary(project)],
      [`summary of one repository of ${userId}`, () => records.summary(own)],
    ];
  });
  return [
    ["one record by its id: the minimum for driver and machine", () => records.find(1)],
    ...histories,
    ["unfinished syncs", () => records.unfinished(0, 100)],
    ["failed deliveries", () => deliveries.failed(50, null)],
  ];
}

/** Returns the calls of background cleanup. */
function upkeep({ states, deliveries, baselines }: PrismaStores): readonly Call[] {
  const now = new Date();
  return [
    ["removing 500 expired states", () => states.removeExpired(500)],
    ["removing 500 old deliveries", () => deliveries.removeReceivedBefore(now, 500)],
    ["removing 500 old baselines", () => baselines.removeUnusedSince(now, 500)],
  ];
}

function print(what: string, { first, fastest, median, worst, plans }: Measurement): void {
  const [once, min, mid, max] = [first, fastest, median, worst].map((time) => time.toFixed(1));
  console.log(`### ${what}: min ${min} ms, median ${mid} ms, worst ${max} ms; first call ${once} ms\n`);
  for (const { sql, plan } of plans)
    console.log(`${shortened(sql)}\n${plan.map((line) => `    ${shortened(line)}\n`).join("")}`);
  if (plans.some(({ plan }) => plan.some((line) => WHOLE_TABLE.test(line)))) fail(`${what}: scans a whole table`);
}

function fail(problem: string): void {
  console.error(`✗ ${problem}\n`);
  process.exitCode = 1;
}

/** Shortens a line: drops column lists, most of each hash, and long key lists. */
function shortened(line: string): string {
  return line
    .replace(/(?<=SELECT ).{200,}?(?= FROM)/, "…")
    .replace(/[0-9a-f]{64}/g, (hash) => `${hash.slice(0, 6)}…`)
    .replace(/(?<=IN \()[^()]{100,}(?=\))|(?<=\{)[^}]{100,}(?=\})/g, "…");
}
