import type { SyncHistoryQuery } from "@infrajet/github/adapters";
import type { SyncRecordRow } from "../client.js";
import type { FindArgs } from "../table.js";
import { projectKey, repositoryKey } from "./sync-record-row.js";

/** A filter and the order of the index that serves it. */
export type IndexedQuery = Required<Pick<FindArgs<SyncRecordRow>, "where" | "orderBy">>;

/** Returns the key columns of a history's rows. */
export function historyKeys(query: SyncHistoryQuery): { readonly projectKey: string; readonly repositoryKey?: string } {
  const key = { projectKey: projectKey(query) };
  return query.repository === undefined ? key : { ...key, repositoryKey: repositoryKey(query.repository) };
}

/** Returns the query for a history's records, newest first. */
export function newestFirst(query: SyncHistoryQuery): IndexedQuery {
  const { projectKey, repositoryKey } = historyKeys(query);
  if (repositoryKey === undefined)
    return { where: { projectKey: only(projectKey) }, orderBy: [{ projectKey: "desc" }, { id: "desc" }] };
  return {
    where: { projectKey: only(projectKey), repositoryKey: only(repositoryKey) },
    orderBy: [{ projectKey: "desc" }, { repositoryKey: "desc" }, { id: "desc" }],
  };
}

/** Returns the query for a history's completed records, newest first. */
export function newestSuccessfulFirst(query: SyncHistoryQuery): IndexedQuery {
  const { projectKey, repositoryKey } = historyKeys(query);
  if (repositoryKey === undefined)
    return { where: { projectKey, status: only("completed") }, orderBy: [{ status: "desc" }, { id: "desc" }] };
  const { where, orderBy } = newestFirst(query);
  return { where: { ...where, status: "completed" }, orderBy };
}

/**
 * Returns an equality written as a range, for the first column of the order. With a plain equality the order is by id alone:
 * databases then tend to scan the primary key through the records of all users instead of the index, and MariaDB reads every
 * row before a page that starts in the middle.
 */
export function only<Value>(value: Value): { readonly gte: Value; readonly lte: Value } {
  return { gte: value, lte: value };
}
