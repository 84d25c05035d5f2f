import type { LinkStore } from "../adapters/link-store.js";
import type { ProjectFiles } from "../adapters/project-files.js";
import type { ProtectedBranchPolicy } from "../domain/pull-request-options.js";
import type { SyncAccessServices } from "./plan/sync-access.js";
import type { SyncWorkServices } from "./run/sync-work.js";

/** The services of the sync engine. */
export interface SyncServices extends SyncAccessServices, Omit<SyncWorkServices, "sources"> {
  /** The source of the projects' files. */
  readonly projectFiles: ProjectFiles;
  readonly links: LinkStore;
  /** The maximum number of pending syncs of one user. */
  readonly maxPendingSyncs: number;
  /** The policy of requests that name none. */
  readonly protectedBranch: ProtectedBranchPolicy;
  /** The deadline of requests that name none, in milliseconds. */
  readonly rateLimitDeadlineMs: number;
}
