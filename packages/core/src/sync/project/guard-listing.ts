import type { SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import { checkPath, joinPath } from "../../git/path.js";
import { pathCollisions } from "../../git/path-collision.js";
import type { ProjectListing } from "./list-project.js";
import { printablePair, printablePath } from "./printable-path.js";

// GitHub blocks files over 100 MiB, whichever way they are sent.
// https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github
const FILE_LIMIT = 100 * 1024 * 1024;
const NAMES_IN_A_MESSAGE = 10;

/**
 * Rejects a listing that cannot become a commit, before any file is read.
 *
 * @param mayBeEmpty true for a sync that deletes nothing because the project is empty
 * @throws GitHubSdkError `project_empty`, `file_too_large`, `path_collision`, `invalid_path`.
 */
export function guardListing(
  listing: ProjectListing,
  directory: string,
  options: SyncOptions,
  mayBeEmpty = false,
): void {
  const { files } = listing;
  // The hash of an expected plan is checked once there is a plan: a project that was emptied since makes it stale.
  const isUnexpected = options.filePaths === null && options.planHash === null;
  if (files.size === 0 && isUnexpected && !mayBeEmpty && !options.allowEmptyProject) {
    const ignored = listing.ignored.length === 0 ? "" : ` (${listing.ignored.length} entries are ignored)`;
    throw new GitHubSdkError(
      "project_empty",
      `The project has no files${ignored}. To delete all its files from the repository, set \`allowEmptyProject\`.`,
    );
  }
  refuseWithNames(
    "file_too_large",
    "GitHub rejects files over 100 MB. Remove these files or ignore them",
    oversized(listing),
  );
  refuseWithNames(
    "invalid_path",
    "These paths are too long or invalid in the repository. Rename them",
    tooLong(listing, directory),
  );
  refuseWithNames(
    "path_collision",
    "These names differ only in case or Unicode form and cannot be checked out side by side everywhere. Rename one of each",
    pathCollisions(files.keys()).map(({ first, second }) => printablePair(first, second)),
  );
}

/** The codes of errors that list names. */
export type NamingCode = "file_too_large" | "invalid_path" | "path_collision" | "workflow_permission_missing";

/**
 * Throws an error that lists the first names and counts the rest; returns when there are no names.
 *
 * @param words the problem and its fix; a colon and the names follow
 */
export function refuseWithNames(code: NamingCode, words: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const more = names.length > NAMES_IN_A_MESSAGE ? ` and ${names.length - NAMES_IN_A_MESSAGE} more` : "";
  throw new GitHubSdkError(code, `${words}: ${names.slice(0, NAMES_IN_A_MESSAGE).join(", ")}${more}.`, {
    details: { paths: names.slice(0, 100), count: names.length },
  });
}

function oversized({ files }: ProjectListing): string[] {
  return [...files.values()]
    .filter((file) => file.size > FILE_LIMIT)
    .map((file) => `${printablePath(file.path)} (${(file.size / 1024 / 1024).toFixed(1)} MB)`);
}

function tooLong({ files }: ProjectListing, directory: string): string[] {
  if (directory === "") return [];
  return [...files.keys()].filter((path) => checkPath(joinPath(directory, path)) !== null);
}
