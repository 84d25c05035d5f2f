import type { JobRunner } from "../adapters/job-runner.js";
import type { LinkStore } from "../adapters/link-store.js";
import type { ProjectFiles } from "../adapters/project-files.js";
import type { ProtectedBranchPolicy } from "../domain/pull-request-options.js";
import type { SyncAccessServices } from "./plan/sync-access.js";
import type { SyncWorkerServices } from "./run/sync-worker.js";

/** The services of the sync engine. */
export interface SyncServices extends SyncAccessServices, Omit<SyncWorkerServices, "sources"> {
  /** The source of the projects' files. */
  readonly projectFiles: ProjectFiles;
  readonly links: LinkStore;
  /** The maximum number of pending syncs of one user. */
  readonly maxPendingSyncs: number;
  readonly jobs: JobRunner;
  /** The maximum number of syncs of one user that this process runs at the same time; `null` for half of those of the job runner. */
  readonly perUser: number | null;
  /** The policy of requests that name none. */
  readonly protectedBranch: ProtectedBranchPolicy;
  /** The deadline of requests that name none, in milliseconds. */
  readonly rateLimitDeadlineMs: number;
}
