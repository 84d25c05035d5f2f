import type { SyncOptions } from "@infrajet/github/adapters";

/** The default options of a sync. */
export const SYNC_OPTIONS: SyncOptions = {
  strategy: "merge",
  pathStrategies: [],
  message: null,
  filePaths: null,
  deletePaths: [],
  applyIgnoreRules: true,
  writer: "auto",
  allowMassDeletion: false,
  deleteIgnored: false,
  planHash: null,
  allowEmptyProject: false,
  author: null,
  coAuthors: [],
  pullRequest: { title: null, body: null, labels: [], reviewers: [], draft: false },
  protectedBranch: "fail",
  onConflict: "stop",
  allowRewrittenHistory: false,
  rateLimitDeadlineMs: 86_400_000,
  allowSecrets: [],
};
