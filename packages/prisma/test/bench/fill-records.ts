import type { SyncRecordStore, SyncStatus } from "@infrajet/github/adapters";
import { SYNC_OPTIONS } from "../sync-options.js";
import type { TestDatabase } from "../test-database.js";
import { type BenchProject, benchProject, benchProjects, columnsOf, HEAVIEST_PROJECTS } from "./bench-projects.js";
import { inBatches, numbers, withDigits } from "./numbers.js";

const PROJECTS_AT_ONCE = 500;
const UNFINISHED = 20;

// The final states of every 19 records. 19 is coprime to the other periods, so that every project gets all states.
const ENDS: readonly SyncStatus[] = [...Array<"completed">(16).fill("completed"), "failed", "failed", "cancelled"];

const RECORD_COLUMNS = [
  ...["project_key", "branch_key", "repository_key", "user_key"],
  ...["user_id", "project_id", "repository_id", "source", "repository"],
];
const COPIED_COLUMNS = [
  ...["api_url", "branch", "directory", "status", "error_code", "error_message", "commit_id", "commit_url"],
  ...["writer", "files_deleted", "conflicts_resolved", "options", "conflicts", "notes", "attempts", "retry_count"],
  ...["lease_token", "created_at", "started_at", "completed_at", "updated_at", "revision"],
];

/**
 * Fills an empty database with `count` finished sync records (a multiple of 10,000) of some thousand users and a few unfinished
 * ones. `heaviestTenths` tenths belong to the heaviest user. Copies records in the database that the store has written.
 */
export async function fillRecords(
  { sql, stores }: TestDatabase,
  { count, heaviestTenths }: { readonly count: number; readonly heaviestTenths: number },
): Promise<void> {
  const { records } = stores();
  for (const status of ENDS) await writeRecord(records, benchProject("model", "model"), status);
  const projects = benchProjects();
  await sql(...projectTable(projects));
  await withDigits(sql, () => inBatches(count, (first) => sql(copies(first, heaviestTenths, projects.length))));
  await sql(sums(), "DROP TABLE bench_projects");
  for (const project of projects.slice(0, UNFINISHED)) {
    await writeRecord(records, project, "pending");
    await writeRecord(records, project, "in_progress");
  }
}

async function writeRecord(records: SyncRecordStore, project: BenchProject, status: SyncStatus): Promise<void> {
  const createdAt = new Date("2026-03-01T10:00:00.123Z");
  const { id } = await records.create({ ...project, options: OPTIONS, createdAt });
  if (status === "pending") return;
  const startedAt = new Date(createdAt.getTime() + 1_000);
  await records.transition(id, { from: ["pending"], to: "in_progress", leaseToken: id }, { startedAt });
  if (status === "in_progress") return;
  const commitId = "f".repeat(40);
  const counts = { filesSynced: 12, filesDeleted: 1 };
  const attempt = { number: 1, mark: "0a1b2c3d4e5f6071", writer: "push", branch: "main", commitId, ...counts } as const;
  const outcome = status === "completed" ? "landed" : "missing";
  await records.transition(
    id,
    { from: ["in_progress"], to: status, leaseToken: id },
    {
      ...counts,
      completedAt: new Date(startedAt.getTime() + 2_500),
      commitId,
      commitUrl: `https://github.com/${project.repository}/commit/${commitId}`,
      writer: "push",
      conflictsResolved: 1,
      error: status === "failed" ? { code: "conflicts", message: "2 files were changed on both sides" } : null,
      attempts: [{ ...attempt, expectedHead: "e".repeat(40), outcome }],
    },
  );
}

const OPTIONS = { ...SYNC_OPTIONS, message: "Update the network" };

function projectTable(projects: readonly BenchProject[]): string[] {
  const rows = projects.map((project, number) => {
    const values = Object.values(columnsOf(project)).map((value) => `'${value}'`);
    return `(${[number, ...values].join(", ")})`;
  });
  const batches = Array.from({ length: Math.ceil(rows.length / PROJECTS_AT_ONCE) }, (_, index) =>
    rows.slice(index * PROJECTS_AT_ONCE, (index + 1) * PROJECTS_AT_ONCE),
  );
  const columns = Object.keys(columnsOf(benchProject("model", "model"))).map((name) => {
    if (name === "repository_id") return `${name} BIGINT`;
    return `${name} ${name.endsWith("_key") ? "CHAR(64)" : "VARCHAR(100)"}`;
  });
  return [
    `CREATE TABLE bench_projects (number INTEGER PRIMARY KEY, ${columns.join(", ")})`,
    "CREATE INDEX bench_projects_project_key ON bench_projects (project_key)",
    ...batches.map((batch) => `INSERT INTO bench_projects VALUES ${batch.join(", ")}`),
  ];
}

function copies(first: number, heaviestTenths: number, projects: number): string {
  const typical = `${HEAVIEST_PROJECTS} + number % ${projects - HEAVIEST_PROJECTS}`;
  const heaviest = `CASE WHEN number % 20 < 10 THEN 0 ELSE 1 + number % ${HEAVIEST_PROJECTS - 1} END`;
  const project = `CASE WHEN number % 10 < ${heaviestTenths} THEN ${heaviest} ELSE ${typical} END`;
  const choices = `SELECT number, ${project} AS project, 1 + number % ${ENDS.length} AS model FROM (${numbers(first)}) numbers`;
  const names = [...RECORD_COLUMNS, ...COPIED_COLUMNS, "files_synced"];
  const values = [...RECORD_COLUMNS.map((name) => `p.${name}`), ...COPIED_COLUMNS.map((name) => `m.${name}`)];
  return (
    `INSERT INTO github_sync_records (${names.join(", ")}) SELECT ${values.join(", ")}, c.number % 50 ` +
    `FROM (${choices}) c JOIN bench_projects p ON p.number = c.project ` +
    "JOIN github_sync_records m ON m.id = c.model ORDER BY c.number"
  );
}

/** Inserts the sums that the store would have written. Without column names, because "key" is a reserved word in MySQL. */
function sums(): string {
  const counted = (status: string): string => `SUM(CASE WHEN status = '${status}' THEN 1 ELSE 0 END)`;
  const grouped =
    `SELECT project_key, COUNT(*) AS syncs, ${counted("completed")} AS completed, ${counted("failed")} AS failed, ` +
    "SUM(files_synced) AS files, SUM(conflicts_resolved) AS conflicts, MAX(completed_at) AS ended " +
    "FROM github_sync_records GROUP BY project_key";
  const values = [
    ...["p.sums_key", "p.user_key", "p.project_key", "p.repository_key", "p.user_id", "p.project_id"],
    ...["'https://api.github.com'", "p.repository_id", "r.syncs", "r.completed", "r.failed", "r.files", "r.conflicts"],
    ...["r.completed", "2500 * r.completed", "r.ended"],
  ];
  const rows = `SELECT ${values.join(", ")} FROM (${grouped}) r JOIN bench_projects p ON p.project_key = r.project_key`;
  return `INSERT INTO github_sync_sums ${rows}`;
}
