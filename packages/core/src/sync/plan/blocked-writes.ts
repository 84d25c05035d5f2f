import { patchMap } from "../../domain/baseline.js";
import type { ConflictReason } from "../../domain/conflict.js";
import type { ObjectId } from "../../domain/repository.js";
import type { ComparedProject } from "./compare.js";
import { describeConflict, type Resolution } from "./resolve-conflict.js";

type Entries = ReadonlyMap<string, { readonly mode: string | null; readonly oid: ObjectId }>;

/** The reasons for a write that is blocked on one side. */
interface BlockReasons {
  readonly directory: ConflictReason;
  readonly parent: ConflictReason;
}

const ON_THE_BRANCH: BlockReasons = {
  directory: "path_is_a_directory_in_the_repository",
  parent: "parent_is_a_file_in_the_repository",
};
const IN_THE_PROJECT: BlockReasons = {
  directory: "path_is_a_directory_in_the_project",
  parent: "parent_is_a_file_in_the_project",
};

/**
 * Turns a write into a conflict when a file and a directory would have the same name, which git does not allow. The entry on
 * the branch does not belong to the project and is not removed; nor is an entry of the project that the branch never had.
 */
export function withoutBlockedWrites(
  resolutions: readonly Resolution[],
  compared: ComparedProject,
): readonly Resolution[] {
  const { input } = compared;
  const writes = new Map(
    resolutions.flatMap(({ path, write }) => (write === undefined ? [] : [[path, write] as const])),
  );
  const blockedOnBranch = blockedPaths(
    patchMap<{ readonly mode: string; readonly oid: ObjectId }>(input.remote, writes),
    ON_THE_BRANCH,
  );
  const open = resolutions.map((resolution) => {
    const reason = isPresent(resolution.write) ? blockedOnBranch(resolution.path) : null;
    return reason === null ? resolution : blocked(resolution, compared, reason);
  });
  if (input.incoming === null) return open;
  const arrivals = new Map(
    open.flatMap(({ path, incoming }) => (incoming === undefined ? [] : [[path, incoming.after] as const])),
  );
  const blockedInProject = blockedPaths(
    patchMap<{ readonly mode: string | null; readonly oid: ObjectId }>(input.local, arrivals),
    IN_THE_PROJECT,
  );
  return open.map((resolution) => {
    const reason = isPresent(resolution.incoming?.after) ? blockedInProject(resolution.path) : null;
    return reason === null ? resolution : blocked(resolution, compared, reason);
  });
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function blockedPaths(after: Entries, reasons: BlockReasons): (path: string) => ConflictReason | null {
  const directories = new Set<string>();
  for (const path of after.keys()) for (const parent of parentsOf(path)) directories.add(parent);
  return (path) => {
    if (directories.has(path)) return reasons.directory;
    return parentsOf(path).some((parent) => after.has(parent)) ? reasons.parent : null;
  };
}

function blocked(
  { write: _write, incoming: _incoming, ...kept }: Resolution,
  { input, versions }: ComparedProject,
  reason: ConflictReason,
): Resolution {
  const { path } = kept;
  const sides = versions.get(path) ?? { base: null, local: null, remote: input.remote.get(path) ?? null };
  // A sync that changes the project could resolve it only by moving other files, so a person has to.
  const resolved = input.incoming === null && input.strategyFor(path) === "theirs";
  const unread = { remoteSize: input.incoming?.sizes.get(sides.remote?.oid ?? "") ?? null, isBinary: false };
  const conflict = describeConflict(path, sides, unread, { reason, resolved, resolution: "theirs" });
  if (input.incoming !== null) return { ...kept, base: undefined, keepContent: false, conflict };
  return { ...kept, base: kept.base && { ...kept.base, unpublished: true }, keepContent: resolved, conflict };
}

function parentsOf(path: string): string[] {
  const result: string[] = [];
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    result.push(path.slice(0, slash));
  }
  return result;
}
