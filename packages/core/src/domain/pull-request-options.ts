/** The options of the pull request that a sync opens. They do not change one that is already open. */
export interface PullRequestOptions {
  /** `null` for the first line of the commit message. */
  readonly title: string | null;
  /** `null` for a summary of the sync with its conflicts and the host's link. */
  readonly body: string | null;
  readonly labels: readonly string[];
  /** Logins, and teams as `organization/team`. */
  readonly reviewers: readonly string[];
  readonly draft: boolean;
}

/** The reaction of a sync to a protected branch: it fails, or it opens a pull request. */
export type ProtectedBranchPolicy = "fail" | "pull_request";

/** The options of a pull request for which none were given. */
export const DEFAULT_PULL_REQUEST: PullRequestOptions = {
  title: null,
  body: null,
  labels: [],
  reviewers: [],
  draft: false,
};
