import type { ConflictStrategy } from "../../../src/domain/conflict.js";
import { isBelow, show, type Tree, type Version } from "../project/project-tree.js";

/** The effects of a sync by the documentation's table. */
export interface ModelledSync {
  /** Conflicts that are not resolved. With one of them nothing is written. */
  readonly unresolved: ReadonlySet<string>;
  /** All conflicts. */
  readonly conflicts: ReadonlySet<string>;
  /** Paths that only the branch changed. */
  readonly behind: ReadonlySet<string>;
  readonly remote: Tree;
  readonly base: Tree;
}

const same = (left: Version | undefined, right: Version | undefined): boolean => show(left) === show(right);

/** Merges three values; `null` when both sides changed the value differently. */
function pick(base: string, local: string, remote: string): string | null {
  if (local === remote || remote === base) return local;
  return local === base ? remote : null;
}

/** Merges mode, first line and last line of three files separately. Links and submodules do not merge. */
function mergeVersions(base: Version, local: Version, remote: Version): Version | null {
  if ([base, local, remote].some(({ mode }) => mode !== "100644" && mode !== "100755")) return null;
  const mode = pick(base.mode, local.mode, remote.mode);
  const top = pick(base.top, local.top, remote.top);
  const bottom = pick(base.bottom, local.bottom, remote.bottom);
  return mode === null || top === null || bottom === null ? null : { mode, top, bottom };
}

/** Models a sync of three trees, path by path. */
export function modelSync(
  base: Tree,
  local: Tree,
  remote: Tree,
  strategyFor: (path: string) => ConflictStrategy,
): ModelledSync {
  const unresolved = new Set<string>();
  const conflicts = new Set<string>();
  const behind = new Set<string>();
  const writes = new Map<string, Version | null>();
  for (const path of new Set([...base.keys(), ...local.keys()])) {
    const [b, l, r] = [base.get(path), local.get(path), remote.get(path)];
    if (same(l, r)) continue;
    if (same(b, l)) {
      behind.add(path);
    } else if (same(b, r)) {
      writes.set(path, l ?? null);
    } else {
      conflicts.add(path);
      const verdict = resolve(b, l, r, strategyFor(path));
      if (verdict === "unresolved") unresolved.add(path);
      else if (verdict !== "keep" && !same(verdict ?? undefined, r)) writes.set(path, verdict);
    }
  }

  const tentative = new Map(remote);
  for (const [path, version] of writes) {
    if (version === null) tentative.delete(path);
    else tentative.set(path, version);
  }
  for (const [path, version] of [...writes]) {
    const stands = [...tentative.keys()].some((other) => isBelow(other, path) || isBelow(path, other));
    if (version === null || !stands) continue;
    writes.delete(path);
    conflicts.add(path);
    if (strategyFor(path) !== "theirs") unresolved.add(path);
  }

  if (unresolved.size > 0) return { unresolved, conflicts, behind, remote, base };
  const after = new Map(remote);
  for (const [path, version] of writes) {
    if (version === null) after.delete(path);
    else after.set(path, version);
  }
  return { unresolved, conflicts, behind, remote: after, base: new Map(local) };
}

function resolve(
  b: Version | undefined,
  l: Version | undefined,
  r: Version | undefined,
  strategy: ConflictStrategy,
): Version | null | "keep" | "unresolved" {
  if (strategy === "ours") return l ?? null;
  if (strategy === "theirs") return "keep";
  if (strategy === "fail") return "unresolved";
  if (l === undefined) return "keep";
  if (r === undefined) return l;
  const merged = b === undefined ? null : mergeVersions(b, l, r);
  if (merged !== null) return merged;
  return strategy === "pull_request" ? l : "unresolved";
}
