import { createHash } from "node:crypto";
import type { ConflictStrategy, SyncConflict } from "../../domain/conflict.js";
import type { FileMode } from "../../domain/project-file.js";
import type { ObjectId, SyncTarget } from "../../domain/repository.js";
import type { SyncDirection, SyncOptions, WriterName } from "../../domain/sync-record.js";
import { printablePath } from "../project/printable-path.js";

/** One path that the commit adds, updates or deletes. Paths are relative to the project. */
export interface PlannedChange {
  readonly path: string;
  readonly action: "add" | "update" | "delete";
  /** `null` for a deletion. */
  readonly mode: FileMode | null;
  /** The blob that the branch gets; `null` for a deletion. */
  readonly oid: ObjectId | null;
  /** Bytes; 0 for a deletion. */
  readonly size: number;
  /** The content is a three-way merge of both sides. */
  readonly merged: boolean;
}

/** A path that only the branch changed. The branch keeps its version. */
export interface RemoteChange {
  readonly path: string;
  readonly change: "updated" | "deleted";
}

/** A path of the branch that the project cannot hold, such as a submodule. It stays as it is on both sides. */
export interface UnsupportedPath {
  readonly path: string;
  readonly reason: string;
}

/** The place of a secret in a file that the commit adds or updates. It does not contain the secret. */
export interface PlannedSecret {
  /** Relative to the project. */
  readonly path: string;
  /** The name of the rule that recognized the secret, such as `github`. */
  readonly rule: string;
  /** The first line is 1. */
  readonly line: number;
}

/** The effects of a sync, as plain data that can be shown, stored or sent. */
export interface SyncPlan {
  readonly target: SyncTarget;
  /** `owner/name`. */
  readonly repository: string;
  /** The head that the plan was made from; `null` when the branch does not exist. */
  readonly head: ObjectId | null;
  readonly direction: SyncDirection;
  readonly strategy: ConflictStrategy;
  /** The effect of unresolved conflicts: `stop` writes nothing, `skip` leaves these paths as they are. */
  readonly onConflict: SyncOptions["onConflict"];
  /** Changes of the branch, sorted by path. Empty when there is nothing to write. */
  readonly changes: readonly PlannedChange[];
  /** Changes of the project, sorted by path. Empty for the direction `push`. */
  readonly projectChanges: readonly PlannedChange[];
  /** Paths of the branch that the project cannot hold. Empty for the direction `push`. */
  readonly unsupported: readonly UnsupportedPath[];
  readonly conflicts: readonly SyncConflict[];
  /** Changes on the branch that the project does not have. */
  readonly remoteChanges: readonly RemoteChange[];
  /** Entries that ignore rules exclude; directories end in `/`. */
  readonly ignored: readonly string[];
  /** Paths that earlier syncs wrote and that are ignored now: they stay in the repository. */
  readonly ignoredInRepository: readonly string[];
  /** Paths of `changes` that `.gitattributes` assigns to a filter such as Git LFS: their content is written unfiltered. */
  readonly filtered: readonly string[];
  /** Secrets in files that the commit adds or updates, except those of `allowSecrets`. A sync with this plan fails with `secret_found`. */
  readonly secrets: readonly PlannedSecret[];
  /** The commit writer and the reason for choosing it; `null` with nothing to write or with unresolved conflicts. */
  readonly writer: { readonly name: WriterName; readonly reason: string } | null;
  /** Differs when either side changes. Pass it to `apply` to run exactly this plan. */
  readonly hash: string;
}

/** Returns the conflicts that prevent a plan from being written; none when they are skipped. */
export function blockingConflicts(plan: Pick<SyncPlan, "conflicts" | "onConflict">): readonly SyncConflict[] {
  return plan.onConflict === "skip" ? [] : unresolvedConflicts(plan);
}

/** Returns the conflicts that the sync does not resolve. */
export function unresolvedConflicts(plan: Pick<SyncPlan, "conflicts">): readonly SyncConflict[] {
  return plan.conflicts.filter((conflict) => !conflict.resolved);
}

/** Returns the hash of a plan's starting point and effects. */
export function planHash(plan: Omit<SyncPlan, "hash" | "writer" | "filtered" | "secrets">): string {
  const content = [
    plan.target,
    plan.head,
    plan.strategy,
    plan.changes.map(({ path, mode, oid }) => [path, mode, oid]),
    plan.conflicts.map(({ path, reason, resolved, resolution, remoteOid }) => [
      path,
      reason,
      resolved,
      resolution,
      remoteOid,
    ]),
    plan.remoteChanges.map(({ path, change }) => [path, change]),
    ...incomingContent(plan),
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

/** Hashes of plans that only push stay as they were before plans had a direction. */
function incomingContent({ direction, projectChanges }: Pick<SyncPlan, "direction" | "projectChanges">): unknown[] {
  if (direction === "push") return [];
  return [direction, projectChanges.map(({ path, mode, oid }) => [path, mode, oid])];
}

const ACTION_SIGNS = { add: "+", update: "~", delete: "-" } as const;

/** Formats a plan as text: changes, conflicts, changes on the branch, ignored paths. */
export function formatPlan(plan: SyncPlan): string {
  const folder = plan.target.directory === "" ? "" : `, folder ${plan.target.directory}`;
  const lines = [`${plan.repository}, branch ${plan.target.branch}${folder}, at ${plan.head ?? "no commit yet"}`];
  for (const { path, action, merged } of plan.changes)
    lines.push(`  ${ACTION_SIGNS[action]} ${printablePath(path)}${merged ? "  (merged)" : ""}`);
  for (const { path, action, merged } of plan.projectChanges)
    lines.push(`  ${ACTION_SIGNS[action]} ${printablePath(path)}  in the project${merged ? " (merged)" : ""}`);
  for (const { path, reason, resolved, resolution } of plan.conflicts) {
    const words = reason.replaceAll("_", " ");
    lines.push(
      `  ! ${printablePath(path)}  ${words}${resolved ? `, resolved by ${resolution}` : `, would be resolved by ${resolution}`}`,
    );
  }
  for (const { path, change } of plan.remoteChanges)
    lines.push(`  = ${printablePath(path)}  ${change} on the branch, kept`);
  for (const path of plan.ignoredInRepository)
    lines.push(`  i ${printablePath(path)}  ignored, stays in the repository`);
  for (const { path, reason } of plan.unsupported)
    lines.push(`  u ${printablePath(path)}  ${reason}, which the project cannot hold`);
  for (const path of plan.filtered)
    lines.push(`  f ${printablePath(path)}  written without its filter (.gitattributes)`);
  for (const { path, rule, line } of plan.secrets)
    lines.push(`  s ${printablePath(path)}  secret on line ${line} (${rule})`);
  lines.push(planSummary(plan));
  return lines.join("\n");
}

function planSummary(plan: SyncPlan): string {
  const unresolved = blockingConflicts(plan).length;
  if (unresolved > 0) return `${count(unresolved, "conflict")} to resolve: nothing would be written.`;
  if (plan.secrets.length > 0) return `${count(plan.secrets.length, "secret")} found: nothing would be written.`;
  const writer = plan.writer === null ? "" : `, by ${plan.writer.reason}`;
  const commit = plan.changes.length === 0 ? [] : [`${changeSummary(plan.changes)} in one commit${writer}`];
  const project = plan.projectChanges.length === 0 ? [] : [`${changeSummary(plan.projectChanges)} in the project`];
  const open = unresolvedConflicts(plan).length;
  const skipped = open === 0 ? [] : [`${count(open, "conflict")} skipped`];
  const parts = [...commit, ...project, ...skipped];
  return parts.length === 0 ? "Nothing to write." : `${parts.join("; ")}.`;
}

/** Counts changes by action, such as `2 added, 1 deleted`. */
export function changeSummary(changes: readonly Pick<PlannedChange, "action">[]): string {
  const words = { add: "added", update: "updated", delete: "deleted" } as const;
  return (["add", "update", "delete"] as const)
    .map((action) => [changes.filter((change) => change.action === action).length, words[action]] as const)
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(", ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
