import type { ConflictStrategy } from "../../domain/conflict.js";
import type { FileMode } from "../../domain/project-file.js";
import type { ObjectId } from "../../domain/repository.js";
import type { StoredResolution } from "../../domain/stored-resolution.js";
import { normalizeMode } from "../../git/file-mode.js";
import { mergeMode } from "../../git/merge.js";
import { type ComparedProject, compareVersions, type PathVersions } from "./compare.js";
import type { MergedFile } from "./resolve-conflict.js";

/** A target's stored resolutions, compared with the versions that a sync finds. */
export interface MatchedResolutions {
  /** Those whose pair of versions is there, by path. */
  readonly current: ReadonlyMap<string, StoredResolution>;
  /** Those of which a version has changed since. */
  readonly outdated: readonly StoredResolution[];
  /** The paths of `outdated` that are in conflict now. */
  readonly undecided: readonly string[];
}

/** True when a resolution was made for exactly these versions of its path. */
export function isFor(
  { localOid, remoteOid }: Pick<StoredResolution, "localOid" | "remoteOid">,
  { local, remote }: Pick<PathVersions, "local" | "remote">,
): boolean {
  return (local?.oid ?? null) === localOid && (remote?.oid ?? null) === remoteOid;
}

/** Compares resolutions with the versions of their paths. Leaves out those of paths that the sync does not compare. */
export function matchResolutions(
  { input, versions }: ComparedProject,
  resolutions: readonly StoredResolution[],
): MatchedResolutions {
  const current = new Map<string, StoredResolution>();
  const outdated: StoredResolution[] = [];
  const undecided: string[] = [];
  for (const resolution of resolutions) {
    const { path } = resolution;
    if (input.only !== null && !input.only.has(path)) continue;
    const sides = versions.get(path);
    if (sides !== undefined && isFor(resolution, sides)) {
      current.set(path, resolution);
      continue;
    }
    outdated.push(resolution);
    if (sides !== undefined && compareVersions(sides).kind === "conflict") undecided.push(path);
  }
  return { current, outdated, undecided };
}

/** Returns the comparison with the resolutions as the strategies of their paths. */
export function withResolutions(compared: ComparedProject, { current }: MatchedResolutions): ComparedProject {
  if (current.size === 0) return compared;
  const { strategyFor } = compared.input;
  const decided = (path: string): ConflictStrategy => {
    const resolution = current.get(path);
    return resolution === undefined ? strategyFor(path) : strategyOf(resolution);
  };
  return { ...compared, input: { ...compared.input, strategyFor: decided } };
}

/** A given content is not merged with the project's version. */
function strategyOf({ decision }: StoredResolution): ConflictStrategy {
  if ("content" in decision) return "ours";
  return decision.choice === "merged" ? "merge" : decision.choice;
}

/**
 * Returns the files that resolutions give for their paths.
 *
 * @param put stores a content and returns its blob ID
 */
export function givenVersions(
  { versions }: ComparedProject,
  { current }: MatchedResolutions,
  put: (bytes: Uint8Array) => ObjectId,
): ReadonlyMap<string, MergedFile> {
  const given = new Map<string, MergedFile>();
  for (const [path, { decision }] of current) {
    const sides = versions.get(path);
    if (sides === undefined || !("content" in decision)) continue;
    given.set(path, { mode: modeOf(sides), oid: put(decision.content), size: decision.content.byteLength });
  }
  return given;
}

/** A content that a person gives is that of a plain file, whatever the versions were. */
function modeOf({ base, local, remote }: PathVersions): "100644" | "100755" {
  const [before, ours, theirs] = [base, local, remote].map((version) => plainMode(version?.mode));
  const merged = ours && theirs ? mergeMode(before ?? null, ours, theirs) : null;
  return plainMode(merged ?? ours ?? theirs) ?? "100644";
}

function plainMode(mode: string | undefined): Extract<FileMode, "100644" | "100755"> | undefined {
  const normalized = mode === undefined ? null : normalizeMode(mode);
  return normalized === "100644" || normalized === "100755" ? normalized : undefined;
}
