import type { ObjectId } from "../domain/repository.js";
import type { SyncAttempt, SyncRecord } from "../domain/sync-record.js";
import { objectFormatOf } from "../git/object-id.js";
import { joinPath } from "../git/path.js";
import { updateTrees } from "../git/tree-builder.js";
import type { ChangeSet, FileWrite } from "../repository/commit-writer.js";
import { attemptTrailer } from "./attempts.js";
import { changeSummary, type SyncPlan } from "./plan.js";
import type { PreparedSync } from "./prepare.js";
import type { RemoteState } from "./remote-state.js";

/** What of a sync's record goes into its commit. */
export type CommitRecord = Pick<SyncRecord, "id" | "projectId" | "target" | "options" | "createdAt">;

/** The branch that a sync moves: the target's own, or one of the sync's own for a pull request. */
export function branchToMove({ id, target, options, createdAt }: Omit<CommitRecord, "projectId">): string {
  if (options.strategy !== "pull_request") return target.branch;
  // Ids begin anew with every new store; the time tells two syncs of one id apart.
  return `infrajet/sync-${id}-${createdAt.getTime().toString(36)}-to-${target.branch}`;
}

/** Turns a plan into one commit's change set: paths of the repository, sorted, with what the writers have to know. */
export function toChangeSet(
  record: CommitRecord,
  attempt: Pick<SyncAttempt, "number" | "mark">,
  { plan, change }: PreparedSync,
  remote: RemoteState,
  content: (oid: ObjectId) => Promise<Uint8Array>,
): ChangeSet {
  const { view, entries } = remote;
  const ownBranch = record.options.strategy === "pull_request";
  const path = (relative: string): string => joinPath(plan.target.directory, relative);
  const writes: FileWrite[] = [];
  const deletes: string[] = [];
  for (const { path: relative, mode, oid, size } of plan.changes) {
    if (mode === null || oid === null) deletes.push(path(relative));
    else writes.push({ path: path(relative), mode, oid, size, previousMode: entries.get(relative)?.mode ?? null });
  }
  const wholeTreeIsKnown = plan.target.directory === "" && !ownBranch;
  return {
    repository: view.repository,
    branch: branchToMove(record),
    expectedHead: ownBranch ? null : view.head,
    parent: view.start,
    baseTree: view.rootTree,
    writes,
    deletes,
    message: commitMessage(record, plan),
    trailer: attemptTrailer(record.id, attempt),
    expectedTree: wholeTreeIsKnown ? rootTree(remote, change.writes) : null,
    content,
  };
}

/** The root tree that has to come out; `null` where the branch holds something that the listing does not tell truly. */
function rootTree({ view, entries }: RemoteState, writes: PreparedSync["change"]["writes"]): ObjectId | null {
  if (view.start === null) return null;
  const format = objectFormatOf(view.start);
  const updated = updateTrees({ root: view.rootTree, listing: entries, changes: writes, format });
  return updated.faithful ? updated.root : null;
}

function commitMessage({ options, projectId }: CommitRecord, plan: SyncPlan): string {
  return options.message ?? `Sync ${projectId}: ${changeSummary(plan.changes)}`;
}
