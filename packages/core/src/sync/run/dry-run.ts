import type { ResolutionStore } from "../../adapters/resolution-store.js";
import type { SecretDetector } from "../../adapters/secret-detector.js";
import type { SyncTarget } from "../../domain/repository.js";
import { type CommitParts, type DraftServices, draftCommit } from "../commit/draft-commit.js";
import type { IncomingSide } from "../plan/incoming-side.js";
import { blockingConflicts, type SyncPlan } from "../plan/plan.js";
import { prepareSync } from "../plan/prepare-sync.js";
import { proposesByRule } from "../plan/proposal.js";
import type { BranchSnapshot } from "../plan/sync-access.js";
import { openToWrite } from "../project/sync-sources.js";
import type { ParsedSyncRequest } from "../sync-request.js";
import { openSides, type SideServices } from "./open-sides.js";
import { loadResolutions } from "./used-resolutions.js";

/** The stores and files that a plan is made from. */
export interface DryRunServices extends DraftServices, SideServices {
  readonly resolutions: ResolutionStore;
  readonly secretDetector: SecretDetector | null;
}

/** Plans syncs without a record and without a lease. Writes neither to GitHub nor to a store. */
export class DryRun {
  readonly #services: DryRunServices;

  constructor(services: DryRunServices) {
    this.#services = services;
  }

  /** Plans what a sync would do now. */
  async plan(request: ParsedSyncRequest, snapshot: BranchSnapshot, signal: AbortSignal): Promise<SyncPlan> {
    const { secretDetector } = this.#services;
    const { client, target } = snapshot;
    const { options } = request;
    const { baseline, remote, local, continues } = await openSides(this.#services, request, snapshot, signal);
    try {
      const proposes = continues || proposesByRule(options, remote.view);
      const project = await this.#incomingSide(request, signal);
      const resolutions = await loadResolutions(this.#services, target);
      const sides = { baseline, local, remote, project, resolutions, secretDetector };
      const prepared = await prepareSync({ client, target, options, proposes, ...sides, signal });
      const isNew = proposes && remote.view.branch === target.branch;
      const branch = isNew ? `${target.branch}-new` : remote.view.branch;
      return this.#withWriter(request, target, { client, local, remote, prepared, branch });
    } finally {
      await local.close();
    }
  }

  async #incomingSide({ project, direction }: ParsedSyncRequest, signal: AbortSignal): Promise<IncomingSide | null> {
    if (direction === "push") return null;
    const session = await openToWrite(this.#services.projectFiles, project, signal);
    await session.close();
    return { direction, traits: session.traits };
  }

  #withWriter({ project, options }: ParsedSyncRequest, target: SyncTarget, parts: CommitParts): SyncPlan {
    const { plan } = parts.prepared;
    if (plan.changes.length === 0 || blockingConflicts(plan).length > 0) return plan;
    const record = { id: 0, projectId: project.projectId, target, options, createdAt: new Date(0) };
    const { choice } = draftCommit(this.#services, record, parts);
    return { ...plan, writer: { name: choice.order[0].name, reason: choice.reason } };
  }
}
