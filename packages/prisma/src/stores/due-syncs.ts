import { SYNC_RECORD_VERSION } from "@infrajet/github/adapters";
import type { ListedSyncRow, PrismaTables } from "../client.js";
import { only } from "./history-query.js";
import { LISTED_COLUMNS } from "./sync-record-columns.js";
import { branchKey } from "./sync-record-row.js";

const ROWS_AT_ONCE = 100;

/** A query for the syncs to run next. */
export interface DueQuery {
  readonly apiUrl: string;
  readonly now: Date;
  readonly limit: number;
  /** The ids of rows to leave out. */
  readonly except: readonly number[];
}

/**
 * Returns the pending rows to run next: the first of each user, at most `limit`. Users with the fewest rows in progress come
 * first, then interactive rows, then those with the lowest id. Reads in windows and excludes the users of earlier windows, so
 * that a user with many pending rows does not hide the others.
 */
export async function dueRows(tables: PrismaTables, query: DueQuery): Promise<readonly ListedSyncRow[]> {
  const inProgress = await rowsInProgress(tables, query.apiUrl);
  const busyBranches = [...new Set(inProgress.map(branchKeyOf))];
  const running = countByUser(inProgress);
  const first = new Map<string, ListedSyncRow>();
  for (let isLast = false; !isLast && idleUsers(first, running) < query.limit; ) {
    const rows = await pendingRows(tables, query, { users: [...first.keys()], branches: busyBranches });
    for (const row of rows) if (!first.has(row.userKey)) first.set(row.userKey, row);
    isLast = rows.length < ROWS_AT_ONCE;
  }
  const runningOf = ({ userKey }: ListedSyncRow): number => running.get(userKey) ?? 0;
  return [...first.values()]
    .sort((a, b) => runningOf(a) - runningOf(b) || a.priority - b.priority || a.id - b.id)
    .slice(0, query.limit);
}

function idleUsers(rows: ReadonlyMap<string, ListedSyncRow>, running: ReadonlyMap<string, number>): number {
  return [...rows.keys()].filter((userKey) => !running.has(userKey)).length;
}

async function pendingRows(
  { gitHubSyncRecord }: PrismaTables,
  { apiUrl, now, except: ids }: DueQuery,
  except: { readonly users: string[]; readonly branches: string[] },
): Promise<readonly ListedSyncRow[]> {
  return gitHubSyncRecord.findMany({
    where: {
      ...{ status: only("pending"), apiUrl, runsFrom: { lte: SYNC_RECORD_VERSION }, holder: null },
      ...(ids.length === 0 ? {} : { id: { notIn: [...ids] } }),
      ...(except.users.length === 0 ? {} : { userKey: { notIn: except.users } }),
      ...(except.branches.length === 0 ? {} : { branchKey: { notIn: except.branches } }),
      OR: [{ notBefore: null }, { notBefore: { lte: now } }],
    },
    orderBy: [{ status: "asc" }, { priority: "asc" }, { id: "asc" }],
    take: ROWS_AT_ONCE,
    select: LISTED_COLUMNS,
  });
}

/** Returns the rows in progress, of which there are few at a time. */
async function rowsInProgress({ gitHubSyncRecord }: PrismaTables, apiUrl: string): Promise<readonly ListedSyncRow[]> {
  return gitHubSyncRecord.findMany({
    where: { status: only("in_progress"), apiUrl },
    orderBy: [{ status: "asc" }, { id: "asc" }],
    select: LISTED_COLUMNS,
  });
}

function branchKeyOf({ apiUrl, repositoryId, branch }: ListedSyncRow): string {
  return branchKey({ apiUrl, repositoryId: Number(repositoryId), branch });
}

function countByUser(rows: readonly ListedSyncRow[]): ReadonlyMap<string, number> {
  const running = new Map<string, number>();
  for (const { userKey } of rows) running.set(userKey, (running.get(userKey) ?? 0) + 1);
  return running;
}
