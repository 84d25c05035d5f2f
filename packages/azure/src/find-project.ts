import type { ShareDirectoryClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import { failureOf, unavailableError } from "./azure-failure.js";
import { throwIfAborted } from "./azure-requests.js";
import { allPages, type ListingQuery, listPages } from "./directory-listing.js";
import { type GenerationOrder, newestGeneration } from "./layout.js";

const NAMES_AT_ONCE = 1_000;

/**
 * Makes sure that a directory lies below the base directory by exactly these names. Azure answers to every spelling of a
 * name, so each is looked up in a listing: an id in another spelling than the directory's is not found, and two ids never
 * reach one directory.
 *
 * @throws GitHubSdkError `project_not_found`; `source_unavailable` when the base directory is not there or Azure does not answer.
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
    // The name itself is the first of those that begin with it.
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
 * The name of the newest generation in a project's directory.
 *
 * @throws GitHubSdkError `project_not_found` when there is none, `source_unavailable`.
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
    if (newest === null) throw new GitHubSdkError("project_not_found", "The project has no generation yet.");
    return newest.name;
  } catch (error) {
    throwIfAborted(query.signals);
    throw isGone(error) ? projectNotFound() : unavailableError(error, "");
  }
}

/** The directory below another one by names that were checked; none at all are that directory itself. */
export function below(directory: ShareDirectoryClient, segments: readonly string[]): ShareDirectoryClient {
  return segments.length === 0 ? directory : directory.getDirectoryClient(segments.join("/"));
}

// A file in the place of a directory is none either.
function isGone(error: unknown): boolean {
  const { kind } = failureOf(error);
  return kind === "gone" || kind === "changed";
}

function projectNotFound(): GitHubSdkError {
  return new GitHubSdkError("project_not_found", "There is no such project.");
}

function baseMissing(cause: unknown): GitHubSdkError {
  const { code } = failureOf(cause);
  return new GitHubSdkError("source_unavailable", "The base directory is not in the file share; check baseDirectory.", {
    details: { reason: "gone", azureCode: code },
  });
}
