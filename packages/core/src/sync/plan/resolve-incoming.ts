import { defined } from "../../defined.js";
import type { BaselineEntry } from "../../domain/baseline.js";
import type { ConflictResolution } from "../../domain/conflict.js";
import type { RemoteEntry } from "../../domain/repository.js";
import { isFileMode, normalizeMode } from "../../git/file-mode.js";
import { compareVersions, type LocalVersion, type PathVersions, sameVersion } from "./compare.js";
import type { IncomingRules } from "./incoming-rules.js";
import {
  baseOf,
  type ConflictContext,
  describeConflict,
  localWrite,
  type MergedFile,
  type Resolution,
} from "./resolve-conflict.js";

/**
 * Resolves one path of a sync with the direction `pull` or `two_way`. Pure.
 *
 * A path's base becomes a version of the branch only after that version is in the project: until then the stored base stays,
 * because an older base can only report too many conflicts.
 */
export function resolveIncoming(
  path: string,
  versions: PathVersions,
  context: ConflictContext,
  rules: IncomingRules,
): Resolution {
  const { base, local } = versions;
  const untouched: Resolution = { path, base: undefined, keepContent: false, conflict: null, remoteChange: null };
  const comparison = compareVersions(versions);
  switch (comparison.kind) {
    case "unchanged":
    case "converged":
      return { ...untouched, base: local && baseOf(local) };
    case "foreign":
    case "keep_remote":
      return takeRemote(untouched, versions, rules, base !== null && rules.isUnpublished(base));
    case "write":
      return rules.direction === "pull" ? untouched : takeLocal(untouched, local);
    case "conflict":
      return new IncomingConflict(untouched, versions, context, rules).resolve(comparison.reason);
  }
}

class IncomingConflict {
  readonly #untouched: Resolution;
  readonly #versions: PathVersions;
  readonly #context: ConflictContext;
  readonly #rules: IncomingRules;

  constructor(untouched: Resolution, versions: PathVersions, context: ConflictContext, rules: IncomingRules) {
    this.#untouched = untouched;
    this.#versions = versions;
    this.#context = context;
    this.#rules = rules;
  }

  resolve(reason: NonNullable<Resolution["conflict"]>["reason"]): Resolution {
    const { local, remote } = this.#versions;
    const { merged } = this.#context;
    const strategy = this.#context.strategyFor(this.#untouched.path);
    const conflict = (resolution: ConflictResolution, resolved: boolean) =>
      describeConflict(this.#untouched.path, this.#versions, this.#context, { reason, resolution, resolved });
    const mergeable = reason === "changed_on_both_sides" && merged !== null;
    const keepsChange = reason === "deleted_locally_changed_remotely" || reason === "changed_locally_deleted_remotely";
    if (this.#context.given !== null) {
      return { ...this.#takeGiven(this.#context.given), conflict: conflict("content", true) };
    }
    if (strategy === "ours") return { ...this.#keepLocal(), conflict: conflict("ours", true) };
    // The project's version is in no history, so it is moved aside.
    if (strategy === "theirs") return { ...this.#takeRemote(local !== null), conflict: conflict("theirs", true) };
    if (strategy !== "fail" && keepsChange) {
      const kept = local === null ? this.#takeRemote(false) : this.#keepLocal();
      return { ...kept, conflict: conflict("keep_change", true) };
    }
    if (strategy !== "fail" && mergeable && local !== null && remote !== null) {
      return { ...this.#merge(local, remote, merged), conflict: conflict("merge", true) };
    }
    const suggestion = mergeable ? "merge" : keepsChange ? "keep_change" : "ours";
    return { ...this.#untouched, conflict: conflict(suggestion, false) };
  }

  #takeRemote(keep: boolean): Resolution {
    return takeRemote(this.#untouched, this.#versions, this.#rules, keep);
  }

  /** Under `pull` the project stays ahead of the branch's version, which becomes its base. */
  #keepLocal(): Resolution {
    const { local, remote } = this.#versions;
    if (this.#rules.direction === "two_way") return takeLocal(this.#untouched, local);
    return { ...this.#untouched, base: remoteBase(remote) };
  }

  /** A person's content may contain nothing of the project's version, so that version is moved aside. */
  #takeGiven(given: MergedFile): Resolution {
    const { local, remote } = this.#versions;
    const inProject = sameVersion(given, local);
    const arriving = (base: BaselineEntry | null | undefined): Pick<Resolution, "incoming"> =>
      inProject ? {} : { incoming: { after: given, merged: false, keep: local !== null, base: base ?? null } };
    if (this.#rules.direction === "pull") {
      return { ...this.#untouched, base: inProject ? remoteBase(remote) : undefined, ...arriving(remoteBase(remote)) };
    }
    const unpublished = inProject ? {} : ({ unpublished: true } as const);
    return {
      ...this.#untouched,
      ...defined({ write: sameVersion(given, remote) ? undefined : { ...given, merged: false } }),
      base: local && { ...baseOf(local), ...unpublished },
      keepContent: local !== null && !inProject,
      ...arriving({ mode: given.mode, oid: given.oid, versionTag: null }),
    };
  }

  #merge(local: LocalVersion, remote: RemoteEntry, merged: NonNullable<ConflictContext["merged"]>): Resolution {
    const inProject = sameVersion(merged, local);
    const change = (base: BaselineEntry | null | undefined): Pick<Resolution, "incoming"> =>
      inProject ? {} : { incoming: { after: merged, merged: true, keep: false, base: base ?? null } };
    if (this.#rules.direction === "pull") {
      return { ...this.#untouched, base: inProject ? remoteBase(remote) : undefined, ...change(remoteBase(remote)) };
    }
    const unpublished = this.#versions.base?.unpublished === true && !inProject ? ({ unpublished: true } as const) : {};
    const write = sameVersion(merged, remote) ? undefined : { ...merged, merged: true };
    return {
      ...this.#untouched,
      ...defined({ write }),
      base: { ...baseOf(local), ...unpublished },
      // Until the merged version is in the project, later merges need the project's.
      keepContent: !inProject,
      ...change({ mode: merged.mode, oid: merged.oid, versionTag: null }),
    };
  }
}

function takeLocal(untouched: Resolution, local: LocalVersion | null): Resolution {
  return { ...untouched, base: local && baseOf(local), write: localWrite(local) };
}

function takeRemote(
  untouched: Resolution,
  { local, remote }: PathVersions,
  { mayRemove, refusal, sizes }: IncomingRules,
  keep: boolean,
): Resolution {
  if (remote === null) {
    if (!mayRemove) return untouched;
    return { ...untouched, incoming: { after: null, merged: false, keep, base: null } };
  }
  const base = remoteBase(remote) ?? null;
  const reason = base === null ? "a submodule" : refusal(untouched.path, remote);
  // Without a base the file counts as the branch's own and is never deleted there.
  if (base === null || reason !== null) {
    return { ...untouched, base: local === null ? null : undefined, unsupported: reason };
  }
  const after = { mode: base.mode, oid: base.oid, size: sizes.get(base.oid) ?? 0 };
  return { ...untouched, incoming: { after, merged: false, keep, base } };
}

/** Returns the branch's version as a base; `undefined` keeps the stored base where the branch has a submodule. */
function remoteBase(remote: RemoteEntry | null): BaselineEntry | null | undefined {
  if (remote === null) return null;
  const mode = normalizeMode(remote.mode);
  return mode !== null && isFileMode(mode) ? { mode, oid: remote.oid, versionTag: null } : undefined;
}
