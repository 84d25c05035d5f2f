import type { BaselineStore } from "../../adapters/baseline-store.js";
import type { Clock } from "../../adapters/clock.js";
import type { ProjectFiles } from "../../adapters/project-files.js";
import type { SecretDetector } from "../../adapters/secret-detector.js";
import { EMPTY_BASELINE } from "../../domain/baseline.js";
import type { SyncTarget } from "../../domain/repository.js";
import { readObjectFormat } from "../../repository/object-format.js";
import { type CommitParts, type DraftServices, draftCommit } from "../commit/draft-commit.js";
import type { IncomingSide } from "../plan/incoming-side.js";
import { baselineForPlan } from "../plan/next-baseline.js";
import { blockingConflicts, type SyncPlan } from "../plan/plan.js";
import { prepareSync } from "../plan/prepare-sync.js";
import { settleJournal } from "../plan/project-journal.js";
import { continuesProposal, proposesByRule, readProposal, withoutEndedProposal } from "../plan/proposal.js";
import { RemoteBranchReader } from "../plan/remote-branch.js";
import type { BranchSnapshot } from "../plan/sync-access.js";
import { LocalProject } from "../project/local-project.js";
import { openToWrite } from "../project/sync-sources.js";
import type { ParsedSyncRequest } from "../sync-request.js";

/** The stores and files that a plan is made from. */
export interface DryRunServices extends DraftServices {
  readonly projectFiles: ProjectFiles;
  readonly baselines: BaselineStore;
  readonly clock: Clock;
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
    const { baselines, projectFiles, repositories, clock, secretDetector } = this.#services;
    const { client, target } = snapshot;
    const { repository } = request;
    const stored = (await baselines.load(target)).baseline ?? EMPTY_BASELINE;
    const query = {
      client,
      repository,
      target,
      signal,
      baseline: await withoutEndedProposal(stored, { client, repository, signal }),
    };
    const reader = new RemoteBranchReader(repositories, clock);
    const continues = continuesProposal(request.options, query.baseline);
    const open = continues ? await readProposal(reader, query) : null;
    const { baseline, remote } = open ?? {
      baseline: query.baseline,
      remote: await reader.read(query, snapshot.isNew ? snapshot.cached : null),
    };
    const local = await LocalProject.open({
      openSession: () => projectFiles.open(request.project, { signal }),
      baseline,
      directory: target.directory,
      options: request.options,
      direction: request.direction,
      format: await readObjectFormat(client, remote.view, signal),
      signal,
      onProgress: () => {},
    });
    try {
      const { options, direction } = request;
      const settled = settleJournal(baseline, local);
      const base = baselineForPlan(settled, remote, { direction, directory: target.directory });
      const proposes = continues || proposesByRule(options, remote.view);
      const project = await this.#incomingSide(request, signal);
      const sides = { baseline: base, local, remote, project, secretDetector };
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
