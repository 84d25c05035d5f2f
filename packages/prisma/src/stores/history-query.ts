import type { SyncHistoryQuery } from "@infrajet/github/adapters";
import type { Found, SyncRecordRow } from "../client.js";
import { projectKey, repositoryKey } from "./sync-record-row.js";

/** What rows are looked for by, and the order of the index that they are read in. */
type InOrder = Required<Pick<Found<SyncRecordRow>, "where" | "orderBy">>;

/** What a history's rows are found by. */
export function historyKeys(query: SyncHistoryQuery): { readonly projectKey: string; readonly repositoryKey?: string } {
  const key = { projectKey: projectKey(query) };
  return query.repository === undefined ? key : { ...key, repositoryKey: repositoryKey(query.repository) };
}

/** A history's records, the last one first. */
export function newestFirst(query: SyncHistoryQuery): InOrder {
  const { projectKey, repositoryKey } = historyKeys(query);
  if (repositoryKey === undefined)
    return { where: { projectKey: only(projectKey) }, orderBy: [{ projectKey: "desc" }, { id: "desc" }] };
  return {
    where: { projectKey: only(projectKey), repositoryKey: only(repositoryKey) },
    orderBy: [{ projectKey: "desc" }, { repositoryKey: "desc" }, { id: "desc" }],
  };
}

/** Those of a history's records that completed, the last one first. */
export function newestSuccessfulFirst(query: SyncHistoryQuery): InOrder {
  const { projectKey, repositoryKey } = historyKeys(query);
  if (repositoryKey === undefined)
    return { where: { projectKey, status: only("completed") }, orderBy: [{ status: "desc" }, { id: "desc" }] };
  const { where, orderBy } = newestFirst(query);
  return { where: { ...where, status: "completed" }, orderBy };
}

/**
 * Equal to a value, said as a range, for a column that heads the order. Were it an equality, then the order would be one by
 * id alone, and databases like to walk the primary key for that, past everybody's records, where an index has them in order.
 * And where a page begins in the middle, MariaDB looks an equality up and reads everything before the page.
 */
export function only<Value>(value: Value): { readonly gte: Value; readonly lte: Value } {
  return { gte: value, lte: value };
}
