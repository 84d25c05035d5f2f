import type { GitHubSyncHistory, GitHubSyncRecord } from "@infrajet/github-client";
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { projectId } from "./address.js";
import { resource } from "./resource.js";

const PAGE_SIZE = 25;

/** The records that were read so far, newest first. */
export const records = signal<readonly GitHubSyncRecord[]>([]);

/** The newest records of the project. */
export const history = resource(async (signal) => {
  const page = await readPage(null, signal);
  // Keeps the older pages that the user has read.
  const newest = new Set(page.sync_records.map(({ id }) => id));
  const oldest = page.sync_records.at(-1)?.id ?? 0;
  const older = records.value.filter(({ id }) => !newest.has(id) && id < oldest);
  records.value = [...page.sync_records, ...older];
  if (older.length === 0) nextCursor.value = page.next_cursor;
  return page;
});

/** The cursor of the page after the records; `null` after the last page. */
export const nextCursor = signal<string | null>(null);

/** The records after those that were read. */
export const olderRecords = resource(async (signal) => {
  const page = await readPage(nextCursor.value, signal);
  records.value = [...records.value, ...page.sync_records];
  nextCursor.value = page.next_cursor;
  return page;
});

export function clearHistory(): void {
  history.clear();
  olderRecords.clear();
  records.value = [];
  nextCursor.value = null;
}

function readPage(cursor: string | null, signal: AbortSignal): Promise<GitHubSyncHistory> {
  const page = { limit: PAGE_SIZE, ...(cursor === null ? {} : { cursor }) };
  return api.getSyncHistory({ project_id: projectId.value ?? "", ...page }, { signal });
}
