import type { BaselineStore } from "../../adapters/baseline-store.js";
import type { Clock } from "../../adapters/clock.js";
import type { ProjectFiles } from "../../adapters/project-files.js";
import { EMPTY_BASELINE } from "../../domain/baseline.js";
import type { SyncTarget } from "../../domain/repository.js";
import { readObjectFormat } from "../../repository/object-format.js";
import { type CommitParts, type DraftServices, draftCommit } from "../commit/draft-commit.js";
import { baselineForPlan } from "../plan/next-baseline.js";
import { type SyncPlan, unresolvedConflicts } from "../plan/plan.js";
import { prepareSync } from "../plan/prepare-sync.js";
import { continuesProposal, proposesByRule, readProposal, withoutEndedProposal } from "../plan/proposal.js";
import { RemoteBranchReader } from "../plan/remote-branch.js";
import type { BranchSnapshot } from "../plan/sync-access.js";
import { LocalProject } from "../project/local-project.js";
import type { ParsedSyncRequest } from "../sync-request.js";

/** The stores and files that a plan is made from. */
export interface DryRunServices extends DraftServices {
  readonly projectFiles: ProjectFiles;
  readonly baselines: BaselineStore;
  readonly clock: Clock;
}

/** Plans syncs without a record and without a lease. Writes neither to GitHub nor to a store. */
export class DryRun {
  readonly #services: DryRunServices;

  constructor(services: DryRunServices) {
    this.#services = services;
  }

  /** Plans what a sync would do now. */
  async plan(request: ParsedSyncRequest, snapshot: BranchSnapshot, signal: AbortSignal): Promise<SyncPlan> {
    const { baselines, projectFiles, repositories, clock } = this.#services;
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
      format: await readObjectFormat(client, remote.view, signal),
      signal,
      onProgress: () => {},
    });
    try {
      const { options } = request;
      const base = baselineForPlan(baseline, remote);
      const proposes = continues || proposesByRule(options, remote.view);
      const prepared = await prepareSync({ client, target, options, proposes, baseline: base, local, remote, signal });
      const isNew = proposes && remote.view.branch === target.branch;
      const branch = isNew ? `${target.branch}-new` : remote.view.branch;
      return this.#withWriter(request, target, { client, local, remote, prepared, branch });
    } finally {
      await local.close();
    }
  }

  #withWriter({ project, options }: ParsedSyncRequest, target: SyncTarget, parts: CommitParts): SyncPlan {
    const { plan } = parts.prepared;
    if (plan.changes.length === 0 || unresolvedConflicts(plan).length > 0) return plan;
    const record = { id: 0, projectId: project.projectId, target, options, createdAt: new Date(0) };
    const { choice } = draftCommit(this.#services, record, parts);
    return { ...plan, writer: { name: choice.order[0].name, reason: choice.reason } };
  }
}
