import type { SyncOptions } from "@infrajet/github/adapters";

/** Options of a sync that nobody chose anything for. */
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
};
