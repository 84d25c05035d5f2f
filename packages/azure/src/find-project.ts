import type { ShareDirectoryClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { failureOf, unavailableError } from "./azure-failure.js";
import { throwIfAborted } from "./azure-requests.js";
import { allPages, type ListingQuery, listPages } from "./directory-listing.js";
import { type GenerationOrder, newestGeneration } from "./layout.js";

const NAMES_AT_ONCE = 1_000;

/**
 * Checks that a directory with exactly these names exists below the base directory. Azure ignores case, so each name is looked
 * up in a listing: two different ids never reach one directory.
 *
 * @throws GitHubSdkError `project_not_found` when it does not exist; `source_unavailable` when the base directory does not
 * exist or Azure fails
 */
export async function findProject(
  base: ShareDirectoryClient,
  segments: readonly string[],
  query: ListingQuery,
): Promise<void> {
  const isThere = await Promise.all(
    segments.map((segment, depth) => isListed(below(base, segments.slice(0, depth)), segment, query, depth === 0)),
  );
  if (isThere.includes(false)) throw projectNotFound();
}

async function isListed(
  directory: ShareDirectoryClient,
  name: string,
  query: ListingQuery,
  isBase: boolean,
): Promise<boolean> {
  try {
    // The name itself is the first of the names with that prefix.
    for await (const { directories } of listPages(directory, { ...query, prefix: name, pageSize: NAMES_AT_ONCE })) {
      if (directories.some((entry) => entry.name === name)) return true;
    }
    return false;
  } catch (error) {
    throwIfAborted(query.signals);
    if (!isGone(error)) throw unavailableError(error, "");
    if (isBase) throw baseMissing(error);
    return false;
  }
}

/**
 * Returns the name of the newest generation in a project's directory.
 *
 * @throws GitHubSdkError `project_not_found` when there is none; `source_unavailable` when Azure fails
 */
export async function findNewestGeneration(
  project: ShareDirectoryClient,
  order: GenerationOrder,
  query: ListingQuery,
): Promise<string> {
  try {
    const pages = await allPages(project, query);
    const generations = pages.flatMap(({ directories }) =>
      directories.map(({ name, properties }) => ({ name, createdAt: properties?.creationTime })),
    );
    const newest = newestGeneration(generations, order);
    if (newest === null)
      throw new GitHubSdkError("project_not_found", "The project does not contain a generation yet.");
    return newest.name;
  } catch (error) {
    throwIfAborted(query.signals);
    throw isGone(error) ? projectNotFound() : unavailableError(error, "");
  }
}

/** Returns the client of a subdirectory, or of the directory itself for an empty path. Names must be checked before. */
export function below(directory: ShareDirectoryClient, segments: readonly string[]): ShareDirectoryClient {
  return segments.length === 0 ? directory : directory.getDirectoryClient(segments.join("/"));
}

// A file in the place of a directory counts as a missing directory.
function isGone(error: unknown): boolean {
  const { kind } = failureOf(error);
  return kind === "gone" || kind === "changed";
}

function projectNotFound(): GitHubSdkError {
  return new GitHubSdkError("project_not_found", "The project does not exist in the file share.");
}

function baseMissing(cause: unknown): GitHubSdkError {
  const { code } = failureOf(cause);
  return new GitHubSdkError(
    "source_unavailable",
    "The base directory does not exist in the file share. Check baseDirectory.",
    {
      details: { reason: "gone", azureCode: code },
    },
  );
}
