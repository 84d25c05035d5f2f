import type { SyncAttempt, SyncRecord } from "../../domain/sync-record.js";
import { checkNewBranchName } from "../../git/branch-name.js";
import { EMPTY_TREE, objectFormatOf } from "../../git/object-id.js";
import { joinPath } from "../../git/path.js";
import { updateTrees } from "../../git/tree-builder.js";
import { withTrailer } from "../../repository/commit-message.js";
import type { ChangeSet, FileWrite, MissingObjects } from "../../repository/commit-writer.js";
import { changeSummary, type SyncPlan } from "../plan/plan.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import { attemptTrailer } from "../record/attempts.js";

/** The fields of a sync's record from which its commit is made. */
export type CommitRecord = Pick<SyncRecord, "id" | "projectId" | "target" | "options" | "createdAt">;

/**
 * Returns the names for the head branch of a new pull request, the best first. A later one is for a repository in which a
 * branch collides with the earlier ones.
 */
export function proposalBranches({ id, target, createdAt }: Omit<CommitRecord, "projectId" | "options">): string[] {
  // IDs start again with every new store; the time distinguishes two syncs with the same ID.
  const name = `sync-${id}-${createdAt.getTime().toString(36)}`;
  return [`infrajet/${name}`, `infrajet-${name}`].map((prefix) => {
    const full = `${prefix}-to-${target.branch}`;
    return checkNewBranchName(full) === null ? full : prefix;
  });
}

/** Turns a plan into the change set of one commit, with sorted paths relative to the repository. */
export function toChangeSet(
  record: CommitRecord,
  attempt: Pick<SyncAttempt, "number" | "mark">,
  plan: SyncPlan,
  remote: RemoteBranch,
  contents: Pick<ChangeSet, "content" | "deflated">,
  branch: string,
): ChangeSet {
  const { view, entries } = remote;
  const path = (relative: string): string => joinPath(plan.target.directory, relative);
  const writes: FileWrite[] = [];
  const deletes: string[] = [];
  for (const { path: relative, mode, oid, size } of plan.changes) {
    if (mode === null || oid === null) deletes.push(path(relative));
    else writes.push({ path: path(relative), mode, oid, size, previousMode: entries.get(relative)?.mode ?? null });
  }
  const missing = missingObjects(plan, remote);
  return {
    repository: view.repository,
    branch,
    expectedHead: branch === view.branch ? view.head : null,
    parent: view.start,
    baseTree: view.rootTree,
    writes,
    deletes,
    message: commitMessage(record, plan),
    trailer: attemptTrailer(record.id, attempt),
    expectedTree: plan.target.directory === "" && view.start !== null ? (missing?.tree ?? null) : null,
    missing,
    author: view.author,
    requestedAuthor: record.options.author,
    date: record.createdAt,
    ...contents,
  };
}

/** Returns the objects below the directory that the repository does not have; `null` when the branch's listing is not exact. */
function missingObjects({ target, changes }: SyncPlan, { view, entries }: RemoteBranch): MissingObjects | null {
  const { directory } = target;
  const written = changes.flatMap(({ oid }) => oid ?? []);
  const format = objectFormatOf(view.start ?? written[0] ?? EMPTY_TREE.sha1);
  const updated = updateTrees({
    root: directory === "" ? view.rootTree : null,
    listing: entries,
    changes: changes.map(({ path, mode, oid }) => [path, mode === null || oid === null ? null : { mode, oid }]),
    format,
  });
  if (!updated.faithful) return null;
  const there = new Set(Array.from(entries.values(), ({ oid }) => oid));
  const blobs = [...new Set(written)].filter((oid) => !there.has(oid));
  const empty = EMPTY_TREE[format];
  // Git does not store empty directories; only the root may be empty.
  if (directory !== "" && updated.root === empty) {
    const trees = updated.trees.filter(({ oid }) => oid !== empty);
    return { directory, before: updated.before, tree: null, trees, blobs };
  }
  return { directory, before: updated.before, tree: updated.root, trees: updated.trees, blobs };
}

function commitMessage({ options, projectId }: CommitRecord, plan: SyncPlan): string {
  // A project ID may contain control characters, which a commit message must not.
  const message =
    options.message ?? `Sync ${projectId.replaceAll(/\p{Cc}/gu, "\uFFFD")}: ${changeSummary(plan.changes)}`;
  const trailers = options.coAuthors.map(({ name, email }) => `Co-authored-by: ${name} <${email}>`);
  return trailers.reduce(withTrailer, message);
}
