import type { ProjectFiles } from "../../adapters/project-files.js";
import { assertPath } from "../../git/path.js";
import type { AccessOptions } from "../plan/sync-access.js";
import {
  type ConflictContent,
  type ConflictSide,
  MAX_CONFLICT_CONTENT,
  readConflictContent,
} from "./conflict-content.js";
import {
  type ConflictDecision,
  type ConflictVersions,
  parseDecision,
  type ResolverServices,
  storeResolution,
} from "./conflict-resolver.js";
import { type ConflictSideServices, ConflictSides } from "./conflict-sides.js";
import { type ConflictTarget, parseConflictTarget } from "./conflict-target.js";
import { lastPlannedSync } from "./last-planned-sync.js";
import { isStillThere, leftOpen, type OpenConflict } from "./open-conflict.js";

/** The services with which conflicts are listed, read and resolved. */
export interface ConflictServices extends ConflictSideServices, ResolverServices {
  readonly projectFiles: ProjectFiles;
}

/** Conflicts of syncs as data: lists them, reads their versions, and stores people's resolutions for the next sync. */
export class Conflicts {
  readonly #services: ConflictServices;

  constructor(services: ConflictServices) {
    this.#services = services;
  }

  /** Returns the conflicts of the target's last sync whose versions are still there, sorted by path. */
  async list(request: ConflictTarget, access: AccessOptions): Promise<readonly OpenConflict[]> {
    const target = this.#parse(request);
    const last = await lastPlannedSync(this.#services.records, target);
    if (last === null || last.conflicts.length === 0) return [];
    const open = leftOpen(last, await this.#services.resolutions.list(last.target));
    if (open.length === 0) return [];
    const paths = open.map(({ path }) => path);
    return ConflictSides.use(this.#services, { target, last, paths }, access, async (sides) =>
      sides.last === null ? [] : open.filter((each) => isStillThere(each, sides.versionsOf(each.path))),
    );
  }

  /** Reads one version of a path. */
  async content(
    request: ConflictTarget,
    path: string,
    side: ConflictSide,
    { maxBytes = MAX_CONFLICT_CONTENT, ...access }: AccessOptions & { readonly maxBytes?: number | undefined },
  ): Promise<ConflictContent> {
    return this.#use(request, path, access, (sides) => readConflictContent(sides, path, side, maxBytes));
  }

  /** Stores a resolution. @throws GitHubSdkError as `storeResolution` */
  async resolve(
    request: ConflictTarget,
    path: string,
    decision: ConflictDecision,
    versions: ConflictVersions,
    access: AccessOptions,
  ): Promise<void> {
    const parsed = parseDecision(decision, versions);
    await this.#use(request, path, access, (sides) =>
      storeResolution(this.#services, sides, path, parsed, access.signal),
    );
  }

  async #use<Result>(
    request: ConflictTarget,
    path: string,
    access: AccessOptions,
    work: (sides: ConflictSides) => Promise<Result>,
  ): Promise<Result> {
    assertPath(path);
    const target = this.#parse(request);
    const last = await lastPlannedSync(this.#services.records, target);
    return ConflictSides.use(this.#services, { target, last, paths: [path] }, access, work);
  }

  #parse(request: ConflictTarget) {
    return parseConflictTarget(request, this.#services.projectFiles.project);
  }
}
