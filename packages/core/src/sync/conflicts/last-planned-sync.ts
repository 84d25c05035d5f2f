import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { SyncHistoryEntry, SyncRecord } from "../../domain/sync-record.js";
import type { ParsedConflictTarget } from "./conflict-target.js";

const RECORDS_IN_A_PAGE = 100;
// A project with more syncs to other branches since then has to be synced again.
const PAGES = 5;

/** Returns the last sync of the target that compared both sides; `null` when there is none among the last 500 of the repository. */
export async function lastPlannedSync(
  records: SyncRecordStore,
  { request, hasDirectory }: ParsedConflictTarget,
): Promise<SyncRecord | null> {
  const { project, repository, branch, directory } = request;
  const isWanted = ({ target, status, error }: SyncHistoryEntry): boolean =>
    (status === "completed" || (status === "failed" && error?.code === "conflicts")) &&
    target.branch === branch &&
    (!hasDirectory || target.directory === directory);
  let cursor: string | null = null;
  for (let page = 1; page <= PAGES; page++) {
    const found = await records.history({ ...project, repository }, RECORDS_IN_A_PAGE, cursor);
    for (const entry of found.records.filter(isWanted)) {
      const record = await records.find(entry.id);
      // A sync that takes another one back does not compare the project.
      if (record !== null && record.options.reverts === undefined) return record;
    }
    cursor = found.nextCursor;
    if (cursor === null) return null;
  }
  return null;
}
