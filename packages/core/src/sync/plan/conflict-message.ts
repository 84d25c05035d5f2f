import type { ConflictReason, SyncConflict } from "../../domain/conflict.js";
import type { RemoteEntry } from "../../domain/repository.js";
import { parentPath } from "../../git/path.js";
import { printablePath } from "../project/printable-path.js";

const PATHS_IN_A_MESSAGE = 5;

const PHRASES: Readonly<Record<ConflictReason, string>> = {
  changed_on_both_sides: "Changed on both sides",
  deleted_locally_changed_remotely: "Deleted in the project but changed on the branch",
  changed_locally_deleted_remotely: "Changed in the project but deleted on the branch",
  different_without_common_base: "Different in the project and on the branch",
  path_is_a_directory_in_the_repository: "A directory on the branch",
  parent_is_a_file_in_the_repository: "Below a file on the branch",
  submodule_in_the_repository: "A submodule on the branch",
  path_is_a_directory_in_the_project: "A directory in the project",
  parent_is_a_file_in_the_project: "Below a file in the project",
};

/** The branch and the baseline of a plan with unresolved conflicts. */
export interface ConflictMessageContext {
  /** The branch's entries below the directory. */
  readonly remote: ReadonlyMap<string, RemoteEntry>;
  /** False when this store knows no earlier sync of the project to the branch. */
  readonly hasBaseline: boolean;
}

/** Writes the error message of a sync that unresolved conflicts prevented: paths by reason, at most five. */
export function conflictMessage(conflicts: readonly SyncConflict[], context: ConflictMessageContext): string {
  const listed = conflicts.slice(0, PATHS_IN_A_MESSAGE);
  const pathsByPhrase = new Map<string, string[]>();
  for (const conflict of listed) {
    const phrase = phraseOf(conflict, context.remote);
    pathsByPhrase.set(phrase, [...(pathsByPhrase.get(phrase) ?? []), printablePath(conflict.path)]);
  }
  const groups = [...pathsByPhrase].map(([phrase, paths]) => `${phrase}: ${paths.join(", ")}`);
  const more = conflicts.length > listed.length ? ` and ${conflicts.length - listed.length} more` : "";
  const noBaseline = context.hasBaseline
    ? ""
    : " No earlier sync of the project to this branch is known here, so that changes cannot be merged.";
  return `${groups.join("; ")}${more}.${noBaseline} Nothing was written.`;
}

/** Writes the error message of a sync that cannot take another one back: at most five paths. */
export function revertMessage(conflicts: readonly SyncConflict[], syncId: number): string {
  const listed = conflicts.slice(0, PATHS_IN_A_MESSAGE).map(({ path }) => printablePath(path));
  const more = conflicts.length > listed.length ? ` and ${conflicts.length - listed.length} more` : "";
  const files = `${listed.join(", ")}${more}`;
  return `Sync ${syncId} cannot be taken back, because later changes on the branch conflict with that: ${files}. Nothing was written. Change these files in the project and sync instead.`;
}

function phraseOf({ path, reason }: SyncConflict, remote: ConflictMessageContext["remote"]): string {
  if (reason === "parent_is_a_file_in_the_repository") {
    for (let parent = parentPath(path); parent !== ""; parent = parentPath(parent)) {
      const entry = remote.get(parent);
      if (entry !== undefined) return `Below a ${kindOf(entry)} on the branch`;
    }
  }
  const entry = remote.get(path);
  if (entry === undefined || kindOf(entry) === "file") return PHRASES[reason];
  return `A ${kindOf(entry)} on the branch`;
}

function kindOf({ mode }: RemoteEntry): "file" | "symbolic link" | "submodule" {
  if (mode === "120000") return "symbolic link";
  return mode === "160000" ? "submodule" : "file";
}
