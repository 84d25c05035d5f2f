import type { Baseline } from "../../domain/baseline.js";
import type { SyncRecordChange } from "../../domain/sync-record.js";
import type { GitHubClient } from "../../github/github-client.js";
import type { RemoteBranch } from "../plan/remote-branch.js";
import type { LocalProject } from "../project/local-project.js";
import type { ProjectSide } from "./project-side.js";

/** The end of a sync and the change of its record. */
export interface SyncOutcome {
  readonly status: "completed" | "failed";
  readonly change: SyncRecordChange;
}

/** The inputs of one round of planning and writing. */
export interface Round {
  readonly client: GitHubClient;
  readonly baseline: Baseline;
  readonly local: LocalProject;
  readonly remote: RemoteBranch;
  readonly project: ProjectSide;
}

/** The outcome once the branch has the plan's commit, and the baseline that was saved with it. */
export interface Committed {
  readonly outcome: SyncOutcome;
  readonly baseline: Baseline;
}
