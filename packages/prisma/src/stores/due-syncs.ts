import { SYNC_RECORD_VERSION } from "@infrajet/github/adapters";
import type { ListedSyncRow, PrismaTables } from "../client.js";
import { only } from "./history-query.js";
import { LISTED_COLUMNS } from "./sync-record-columns.js";

const ROWS_AT_ONCE = 100;

/** A query for the syncs to run next. */
export interface DueQuery {
  readonly apiUrl: string;
  readonly now: Date;
  readonly limit: number;
}

/**
 * Returns the pending rows to run next: the lowest id of each user, at most `limit`. Users with the fewest rows in progress come
 * first, then those with the lowest id. Reads in windows and excludes the users of earlier windows, so that a user with many
 * pending rows does not hide the others.
 */
export async function dueRows(tables: PrismaTables, query: DueQuery): Promise<readonly ListedSyncRow[]> {
  const running = await runningByUser(tables, query.apiUrl);
  const oldest = new Map<string, ListedSyncRow>();
  for (let isLast = false; !isLast && idleUsers(oldest, running) < query.limit; ) {
    const rows = await pendingRows(tables, query, [...oldest.keys()]);
    for (const row of rows) if (!oldest.has(row.userKey)) oldest.set(row.userKey, row);
    isLast = rows.length < ROWS_AT_ONCE;
  }
  const runningOf = ({ userKey }: ListedSyncRow): number => running.get(userKey) ?? 0;
  return [...oldest.values()].sort((a, b) => runningOf(a) - runningOf(b) || a.id - b.id).slice(0, query.limit);
}

function idleUsers(rows: ReadonlyMap<string, ListedSyncRow>, running: ReadonlyMap<string, number>): number {
  return [...rows.keys()].filter((userKey) => !running.has(userKey)).length;
}

async function pendingRows(
  { gitHubSyncRecord }: PrismaTables,
  { apiUrl, now }: DueQuery,
  otherUsers: string[],
): Promise<readonly ListedSyncRow[]> {
  return gitHubSyncRecord.findMany({
    where: {
      ...{ status: only("pending"), apiUrl, runsFrom: { lte: SYNC_RECORD_VERSION } },
      ...(otherUsers.length === 0 ? {} : { userKey: { notIn: otherUsers } }),
      OR: [{ notBefore: null }, { notBefore: { lte: now } }],
    },
    orderBy: [{ status: "asc" }, { id: "asc" }],
    take: ROWS_AT_ONCE,
    select: LISTED_COLUMNS,
  });
}

/** Returns the number of rows in progress by user. Few rows are in progress at a time. */
async function runningByUser({ gitHubSyncRecord }: PrismaTables, apiUrl: string): Promise<ReadonlyMap<string, number>> {
  const rows = await gitHubSyncRecord.findMany({
    where: { status: only("in_progress"), apiUrl },
    orderBy: [{ status: "asc" }, { id: "asc" }],
    select: LISTED_COLUMNS,
  });
  const running = new Map<string, number>();
  for (const { userKey } of rows) running.set(userKey, (running.get(userKey) ?? 0) + 1);
  return running;
}
