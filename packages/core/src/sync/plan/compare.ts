import type { Baseline, BaselineEntry } from "../../domain/baseline.js";
import type { ConflictReason, ConflictStrategy } from "../../domain/conflict.js";
import type { FileMode } from "../../domain/project-file.js";
import type { ObjectId, RemoteEntry, SyncTarget } from "../../domain/repository.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { normalizeMode } from "../../git/file-mode.js";
import type { LocalFile } from "../project/read-project.js";
import type { IncomingRules } from "./incoming-rules.js";

/** A file of the project with a known mode. */
export interface LocalVersion extends LocalFile {
  readonly mode: FileMode;
}

/** The three versions of a path; `null` where it does not exist. */
export interface PathVersions {
  readonly base: BaselineEntry | null;
  readonly local: LocalVersion | null;
  readonly remote: RemoteEntry | null;
}

/**
 * The result of comparing the three versions of a path:
 * - `unchanged`: no side changed;
 * - `converged`: both sides made the same change;
 * - `write`: only the project changed, its version is written to the branch;
 * - `keep_remote`: only the branch changed, it keeps its version and the project is behind;
 * - `foreign`: a file of the branch that the project never had;
 * - `conflict`: both sides changed differently.
 */
export type Comparison =
  | { readonly kind: "unchanged" | "converged" | "write" | "keep_remote" | "foreign" }
  | { readonly kind: "conflict"; readonly reason: ConflictReason };

/** Compares the three versions of one path. */
export function compareVersions({ base, local, remote }: PathVersions): Comparison {
  if (sameVersion(local, remote)) return { kind: sameVersion(base, local) ? "unchanged" : "converged" };
  if (sameVersion(base, local)) return { kind: base === null ? "foreign" : "keep_remote" };
  if (sameVersion(base, remote)) return { kind: "write" };
  return { kind: "conflict", reason: conflictReason({ base, local, remote }) };
}

/**
 * Pairs the three versions of a path. A file whose source does not provide modes gets the branch's mode on every side, so
 * that an executable bit set on the branch is neither reverted nor a conflict.
 */
export function pathVersions(
  base: BaselineEntry | null,
  file: LocalFile | null,
  remote: RemoteEntry | null,
): PathVersions {
  if (file === null) return { base, local: null, remote };
  if (file.mode !== null) return { base, local: { ...file, mode: file.mode }, remote };
  const mode = plainMode(remote) ?? plainMode(base) ?? "100644";
  return {
    base: base === null || plainMode(base) === null ? base : { ...base, mode },
    local: { ...file, mode },
    remote,
  };
}

type Version = { readonly mode: string; readonly oid: ObjectId } | null;

function conflictReason({ base, local, remote }: PathVersions): ConflictReason {
  if (local === null) return "deleted_locally_changed_remotely";
  if (remote?.mode === SUBMODULE) return "submodule_in_the_repository";
  if (remote === null) return "changed_locally_deleted_remotely";
  return base === null ? "different_without_common_base" : "changed_on_both_sides";
}

/** The mode of a submodule. Its object is a commit of another repository. */
export const SUBMODULE = "160000";

/** True when two versions of a path have the same content and the same mode. */
export function sameVersion(left: Version, right: Version): boolean {
  if (left === null || right === null) return left === right;
  return left.oid === right.oid && (left.mode === right.mode || normalizeMode(left.mode) === normalizeMode(right.mode));
}

/** Returns the mode of a regular file; `null` for anything else. */
function plainMode(version: Version): "100644" | "100755" | null {
  const mode = version === null ? null : normalizeMode(version.mode);
  return mode === "100644" || mode === "100755" ? mode : null;
}

/** Everything a plan is made from. Paths are relative to the project. */
export interface PlanInput {
  readonly target: SyncTarget;
  /** `owner/name`. */
  readonly repository: string;
  readonly head: ObjectId | null;
  readonly baseline: Pick<Baseline, "entries">;
  readonly local: ReadonlyMap<string, LocalFile>;
  readonly remote: ReadonlyMap<string, RemoteEntry>;
  /** The ignored entries of the project's listing. */
  readonly ignored: readonly string[];
  /** Base and explicit paths without a file in the listing that the project's rules ignore. */
  readonly ignoredPaths: ReadonlySet<string>;
  /** Deletes ignored paths from the branch that earlier syncs wrote. Otherwise they stay there. */
  readonly deleteIgnored: boolean;
  /** The paths to compare; `null` compares all. */
  readonly only: ReadonlySet<string> | null;
  /** Paths whose content or absence the caller requested, even where another user changed them on the branch. */
  readonly explicitPaths: ReadonlySet<string>;
  readonly strategy: ConflictStrategy;
  readonly strategyFor: (path: string) => ConflictStrategy;
  readonly onConflict: SyncOptions["onConflict"];
  /** The rules for changes of the project; `null` for the direction `push`, which leaves the project as it is. */
  readonly incoming: IncomingRules | null;
}

/** The three versions of every path that the project has or had; also of the branch's other paths when the project is changed. */
export interface ComparedProject {
  readonly input: PlanInput;
  /** Sorted by path. */
  readonly versions: ReadonlyMap<string, PathVersions>;
  readonly ignoredInRepository: readonly string[];
  /** Changes of base entries that are not compared: of paths that are ignored now, or are not ignored any more. */
  readonly ignoredEntries: ReadonlyMap<string, BaselineEntry | null>;
}

/** Pairs the three versions of every path. Pure. */
export function compareProject(input: PlanInput): ComparedProject {
  const versions = new Map<string, PathVersions>();
  const ignoredInRepository: string[] = [];
  const ignoredEntries = new Map<string, BaselineEntry | null>();
  const paths = new Set([...input.baseline.entries.keys(), ...input.local.keys(), ...input.explicitPaths]);
  if (input.incoming !== null) for (const path of input.remote.keys()) paths.add(path);
  for (const path of [...paths].sort()) {
    if (input.only !== null && !input.only.has(path)) continue;
    const stored = input.baseline.entries.get(path) ?? null;
    const file = input.local.get(path) ?? null;
    const remote = input.remote.get(path) ?? null;
    const isIgnored = file === null && input.ignoredPaths.has(path);
    if (isIgnored && !deletesIgnored(input, stored, remote)) {
      if (remote !== null && (stored !== null || input.incoming === null)) ignoredInRepository.push(path);
      if (stored !== null) ignoredEntries.set(path, remote === null ? null : { ...stored, ignored: true });
      continue;
    }
    // After a time in which the path was ignored nothing is known of what the project had: its absence is not a deletion.
    const base = stored?.ignored && !isIgnored ? null : stored;
    if (stored !== base) ignoredEntries.set(path, null);
    versions.set(path, pathVersions(base, file, remote));
  }
  return { input, versions, ignoredInRepository, ignoredEntries };
}

/** True when an ignored path is deleted from the branch. Where the project is changed, only an unchanged file is. */
function deletesIgnored(
  { deleteIgnored, incoming }: PlanInput,
  stored: BaselineEntry | null,
  remote: RemoteEntry | null,
) {
  if (incoming === null || !deleteIgnored) return deleteIgnored;
  return incoming.direction === "two_way" && stored !== null && sameVersion(stored, remote);
}

/** Returns the paths with a conflict; for explicit paths, also those that only the branch changed. */
export function conflictingPaths({ input, versions }: ComparedProject): ReadonlyMap<string, PathVersions> {
  const conflicts = [...versions].filter(([path, sides]) => {
    const { kind } = compareVersions(sides);
    return kind === "conflict" || (input.explicitPaths.has(path) && (kind === "foreign" || kind === "keep_remote"));
  });
  return new Map(conflicts);
}

/** Returns the paths that have to be merged before a plan can be made. */
export function mergeCandidates({ input, versions }: ComparedProject): ReadonlyMap<string, PathVersions> {
  const candidates = [...versions].filter(([path, sides]) => {
    const comparison = compareVersions(sides);
    if (comparison.kind !== "conflict" || comparison.reason !== "changed_on_both_sides") return false;
    const strategy = input.strategyFor(path);
    return strategy !== "ours" && strategy !== "theirs";
  });
  return new Map(candidates);
}
