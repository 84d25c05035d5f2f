import { printablePath } from "../project/printable-path.js";

// A longer note would exceed the size of a record's notes and be dropped.
const PATHS_IN_A_NOTE = 10;

/** Returns a note of a sync record that lists the first 10 paths and counts the rest; no note without paths. */
export function pathNote(words: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > PATHS_IN_A_NOTE ? ` and ${paths.length - PATHS_IN_A_NOTE} more` : "";
  return [`${words}: ${paths.slice(0, PATHS_IN_A_NOTE).map(printablePath).join(", ")}${more}.`];
}
