import type { Contender } from "./contender.js";

/** The contenders in the order of the table. Loaded one by one, so that no process contains another contender's code. */
export const CONTENDERS = {
  "this SDK": async () => (await import("./contenders/sdk.js")).sdkContender(),
  "git clone --depth 1, commit, push": async () => (await import("./contenders/git-push.js")).gitPushContender(),
  "octokit, a blob for each file": async () => (await import("./contenders/octokit-blobs.js")).octokitBlobsContender(),
  "a loop over the contents API": async () => (await import("./contenders/contents-loop.js")).contentsLoopContender(),
} as const satisfies Record<string, () => Promise<Contender>>;

/** The name of a contender. */
export type ContenderName = keyof typeof CONTENDERS;

/** The maximum number of files for each contender. Beyond it, a contender would take a quarter of an hour. */
export const MOST_FILES: Readonly<Record<ContenderName, number>> = {
  "this SDK": Number.POSITIVE_INFINITY,
  "git clone --depth 1, commit, push": Number.POSITIVE_INFINITY,
  "octokit, a blob for each file": 1_000,
  "a loop over the contents API": 1_000,
};
