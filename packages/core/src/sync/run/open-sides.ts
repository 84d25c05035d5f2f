import type { BaselineStore } from "../../adapters/baseline-store.js";
import type { Clock } from "../../adapters/clock.js";
import type { ProjectFiles } from "../../adapters/project-files.js";
import { type Baseline, EMPTY_BASELINE } from "../../domain/baseline.js";
import { readObjectFormat } from "../../repository/object-format.js";
import type { RepositoryCache } from "../../repository/repository-cache.js";
import { baselineForPlan } from "../plan/next-baseline.js";
import { settleJournal } from "../plan/project-journal.js";
import { continuesProposal, readProposal, withoutEndedProposal } from "../plan/proposal.js";
import { type RemoteBranch, RemoteBranchReader } from "../plan/remote-branch.js";
import type { BranchSnapshot } from "../plan/sync-access.js";
import { LocalProject } from "../project/local-project.js";
import type { ParsedSyncRequest } from "../sync-request.js";

/** The stores and files that both sides are read from. */
export interface SideServices {
  readonly projectFiles: ProjectFiles;
  readonly baselines: BaselineStore;
  readonly repositories: RepositoryCache;
  readonly clock: Clock;
}

/** Both sides of a sync as they are now, and the baseline to compare them with. */
export interface OpenedSides {
  readonly baseline: Baseline;
  readonly remote: RemoteBranch;
  /** Must be closed. */
  readonly local: LocalProject;
  /** True when the sync adds to the open pull request of its baseline, or would open one whatever the branch's rules are. */
  readonly continues: boolean;
}

/** Reads both sides of a sync without a record and without a lease. Writes neither to GitHub nor to a store. */
export async function openSides(
  { projectFiles, baselines, repositories, clock }: SideServices,
  { project, repository, options, direction }: ParsedSyncRequest,
  { client, target, cached, isNew }: BranchSnapshot,
  signal: AbortSignal,
): Promise<OpenedSides> {
  const stored = (await baselines.load(target)).baseline ?? EMPTY_BASELINE;
  const known = await withoutEndedProposal(stored, { client, repository, signal });
  const query = { client, repository, target, signal, baseline: known };
  const reader = new RemoteBranchReader(repositories, clock);
  const continues = continuesProposal(options, known);
  const open = continues ? await readProposal(reader, query) : null;
  const { baseline, remote } = open ?? { baseline: known, remote: await reader.read(query, isNew ? cached : null) };
  const local = await LocalProject.open({
    openSession: () => projectFiles.open(project, { signal }),
    ...{ baseline, options, direction, signal },
    directory: target.directory,
    format: await readObjectFormat(client, remote.view, signal),
    onProgress: () => {},
  });
  const settled = settleJournal(baseline, local);
  const base = baselineForPlan(settled, remote, { direction, directory: target.directory });
  return { baseline: base, remote, local, continues };
}
