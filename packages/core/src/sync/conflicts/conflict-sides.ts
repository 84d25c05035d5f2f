import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import { type SyncTarget, syncTargetText } from "../../domain/repository.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { projectSource } from "../../domain/sync-source.js";
import type { GitHubClient } from "../../github/github-client.js";
import { type PathVersions, pathVersions } from "../plan/compare.js";
import { contentsOf } from "../plan/prepare-sync.js";
import type { AccessOptions, SyncAccess } from "../plan/sync-access.js";
import { type OpenedSides, openSides, type SideServices } from "../run/open-sides.js";
import type { ParsedConflictTarget } from "./conflict-target.js";

/** The services with which both sides of conflicts are read. */
export interface ConflictSideServices extends SideServices {
  readonly records: SyncRecordStore;
  readonly access: SyncAccess;
}

/** The paths to read, and the last sync that compared them. */
export interface ConflictQuery {
  readonly target: ParsedConflictTarget;
  /** `null` for a target without a sync. */
  readonly last: SyncRecord | null;
  readonly paths: readonly string[];
}

/** Both sides of some paths as they are now. */
export class ConflictSides {
  readonly client: GitHubClient;
  readonly target: SyncTarget;
  /** The last sync of exactly this target; `null` when the repository is another one now. */
  readonly last: SyncRecord | null;
  readonly sides: OpenedSides;
  readonly #signal: AbortSignal;

  private constructor(
    { client, target }: Pick<ConflictSides, "client" | "target">,
    last: SyncRecord | null,
    sides: OpenedSides,
    signal: AbortSignal,
  ) {
    this.client = client;
    this.target = target;
    this.last = last !== null && syncTargetText(last.target) === syncTargetText(target) ? last : null;
    this.sides = sides;
    this.#signal = signal;
  }

  /** Reads the branch and the project's files at the paths, passes them to a function, and closes the project. */
  static async use<Result>(
    services: ConflictSideServices,
    { target: { request, hasDirectory }, last, paths }: ConflictQuery,
    access: AccessOptions,
    work: (sides: ConflictSides) => Promise<Result>,
  ): Promise<Result> {
    const directory = hasDirectory ? request.directory : (last?.target.directory ?? request.directory);
    const options = { ...(last?.options ?? request.options), filePaths: paths, allowEmptyProject: true };
    const direction = last?.direction ?? request.direction;
    const read = { ...request, directory, direction, options };
    const snapshot = await services.access.snapshot(read, projectSource(read.project), access);
    const sides = await openSides(services, read, snapshot, access.signal);
    try {
      return await work(new ConflictSides(snapshot, last, sides, access.signal));
    } finally {
      await sides.local.close();
    }
  }

  /** Returns the three versions of a path. */
  versionsOf(path: string): PathVersions {
    const { baseline, local, remote } = this.sides;
    const stored = baseline.entries.get(path) ?? null;
    const base = stored?.ignored ? null : stored;
    return pathVersions(base, local.files.get(path) ?? null, remote.entries.get(path) ?? null);
  }

  /** Reads the contents of versions. */
  get contents() {
    const { baseline, local, remote } = this.sides;
    return contentsOf({ client: this.client, baseline, local, remote, signal: this.#signal });
  }
}
