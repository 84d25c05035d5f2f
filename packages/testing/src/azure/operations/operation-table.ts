import type { Operation } from "../http/operation.js";
import { contentOperations } from "./content.js";
import { directoryOperations } from "./directories.js";
import { fileOperations } from "./files.js";
import { listDirectoriesAndFiles } from "./listing.js";
import { shareOperations } from "./shares.js";

/** Every operation that the box answers. */
export const OPERATIONS: readonly Operation[] = [
  ...shareOperations,
  listDirectoriesAndFiles,
  ...directoryOperations,
  ...contentOperations,
  ...fileOperations,
];
