import type { ProjectFiles } from "../adapters/project-files.js";
import { EMPTY_BASELINE } from "../domain/baseline.js";
import { chooseWriter } from "../repository/choose-writer.js";
import { readObjectFormat } from "../repository/object-format.js";
import { toChangeSet } from "./change-set.js";
import { LocalProject } from "./local-project.js";
import { baselineForPlan } from "./next-baseline.js";
import { type SyncPlan, unresolvedConflicts } from "./plan.js";
import { type PreparedSync, prepareSync } from "./prepare.js";
import { RemoteReader, type RemoteState } from "./remote-state.js";
import { type Look, type SyncAccess, sourceOf } from "./sync-access.js";
import type { ParsedSyncRequest } from "./sync-request.js";
import type { SyncServices } from "./sync-services.js";

/** Plans syncs without a record and without a lease: nothing is written, neither to GitHub nor to a store. */
export class SyncPlanner {
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
    const look = await this.#access.look(request, sourceOf(request.project), signal);
    const { client, target } = look;
    const baseline = (await baselines.load(target)).baseline ?? EMPTY_BASELINE;
    const query = { client, repository: request.repository, target, baseline, signal };
    const remote = await new RemoteReader(repositories, clock).read(query, look.isNew ? look.cached : null);
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
      return this.#withWriter(prepared, request, look, remote, local);
    } finally {
      await local.close();
    }
  }

  #withWriter(
    prepared: PreparedSync,
    { project, options }: ParsedSyncRequest,
    { client, target }: Look,
    remote: RemoteState,
    local: LocalProject,
  ): SyncPlan {
    const { plan } = prepared;
    if (plan.changes.length === 0 || unresolvedConflicts(plan).length > 0) return plan;
    const draft = { id: 0, projectId: project.projectId, target, options, createdAt: new Date(0) };
    const changeSet = toChangeSet(draft, NO_ATTEMPT, plan, remote, {
      content: (oid) => local.content(oid),
      deflated: (oid) => local.deflated(oid),
    });
    const wish = {
      wanted: options.writer,
      requiresSignatures: remote.view.permissions.requiresSignatures,
      credentialKind: client.credential.kind,
      blocked: this.#services.repositories.blockedWriters(client, remote.view.repository.fullName),
    };
    const choice = chooseWriter(changeSet, wish, this.#services.writers);
    return { ...plan, writer: { name: choice.order[0].name, reason: choice.reason } };
  }
}

/** Stands for an attempt where there is none. */
const NO_ATTEMPT = { number: 0, mark: "" } as const;
