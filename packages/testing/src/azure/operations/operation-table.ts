import type { Operation } from "../http/operation.js";
import { contentOperations } from "./content.js";
import { directoryOperations } from "./directories.js";
import { fileOperations } from "./files.js";
import { leaseFile } from "./leases.js";
import { listShares } from "./list-shares.js";
import { listDirectoriesAndFiles } from "./listing.js";
import { renameOperations } from "./rename.js";
import { shareOperations } from "./shares.js";

/** All operations of the box. */
export const OPERATIONS: readonly Operation[] = [
  listShares,
  ...shareOperations,
  listDirectoriesAndFiles,
  ...directoryOperations,
  ...contentOperations,
  ...fileOperations,
  ...renameOperations,
  leaseFile,
];
