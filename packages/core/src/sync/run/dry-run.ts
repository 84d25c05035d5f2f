import type { ProjectFiles } from "../../adapters/project-files.js";
import { EMPTY_BASELINE } from "../../domain/baseline.js";
import type { SyncTarget } from "../../domain/repository.js";
import { readObjectFormat } from "../../repository/object-format.js";
import { type CommitParts, draftCommit } from "../commit/draft-commit.js";
import { baselineForPlan } from "../plan/next-baseline.js";
import { type SyncPlan, unresolvedConflicts } from "../plan/plan.js";
import { prepareSync } from "../plan/prepare-sync.js";
import { RemoteBranchReader } from "../plan/remote-branch.js";
import { LocalProject } from "../project/local-project.js";
import { type SyncAccess, sourceOf } from "../sync-access.js";
import type { ParsedSyncRequest } from "../sync-request.js";
import type { SyncServices } from "../sync-services.js";

/** Plans syncs without a record and without a lease: nothing is written, neither to GitHub nor to a store. */
export class DryRun {
  readonly #services: SyncServices;
  readonly #projectFiles: ProjectFiles;
  readonly #access: SyncAccess;

  constructor(services: SyncServices, projectFiles: ProjectFiles, access: SyncAccess) {
    this.#services = services;
    this.#projectFiles = projectFiles;
    this.#access = access;
  }

  /** What a sync would do now. */
  async plan(request: ParsedSyncRequest, signal: AbortSignal): Promise<SyncPlan> {
    const { baselines, repositories, clock } = this.#services;
    const snapshot = await this.#access.snapshot(request, sourceOf(request.project), signal);
    const { client, target } = snapshot;
    const baseline = (await baselines.load(target)).baseline ?? EMPTY_BASELINE;
    const query = { client, repository: request.repository, target, baseline, signal };
    const remote = await new RemoteBranchReader(repositories, clock).read(
      query,
      snapshot.isNew ? snapshot.cached : null,
    );
    const local = await LocalProject.open({
      projectFiles: this.#projectFiles,
      project: request.project,
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
      const prepared = await prepareSync({ client, target, options, baseline: base, local, remote, signal });
      return this.#withWriter(request, target, { client, local, remote, prepared });
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
