import type { FileItem, ShareDirectoryClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { AzureRequests } from "./azure-requests.js";

/** What one request lists of a directory. */
export interface ListedPage {
  readonly files: readonly FileItem[];
  readonly directories: readonly ListedDirectory[];
  /** Azure's time of the listing. */
  readonly date: Date | undefined;
  /** `null` on the last page. */
  readonly next: string | null;
}

/** A directory as Azure lists it. */
export interface ListedDirectory {
  readonly name: string;
  readonly fileId?: string;
  readonly properties?: { readonly creationTime?: Date; readonly lastModified?: Date };
}

/** How a directory is listed. */
export interface ListingQuery {
  readonly requests: AzureRequests;
  readonly signals: readonly AbortSignal[];
  /** Only names that begin so. */
  readonly prefix?: string;
  /** Azure's most, 5,000, unless told. */
  readonly pageSize?: number;
}

const LISTINGS = 5;
const INCLUDE = { includeTimestamps: true, includeEtag: true, includeExtendedInfo: true };

/**
 * Lists a directory page by page, each requested on its own: a page that fails is asked for again, not the whole directory.
 *
 * @throws what the client throws; `source_unavailable` for an answer that is no complete page.
 */
export async function* listPages(directory: ShareDirectoryClient, query: ListingQuery): AsyncGenerator<ListedPage> {
  for (let marker: string | null = null; ; ) {
    const page: ListedPage = await query.requests.send(query.signals, (signal) =>
      requestPage(directory, marker, query, signal),
    );
    yield page;
    marker = page.next;
    if (marker === null) return;
  }
}

/**
 * All entries of a directory as they were at one moment. Pages are cut by name: a file that is renamed between two of them
 * could be missed under both names and be taken for deleted. So a directory of more than one page is listed again until
 * nothing has moved; in a snapshot nothing does.
 *
 * @returns `null` when names kept coming and going.
 */
export async function listWhole(
  directory: ShareDirectoryClient,
  query: ListingQuery,
  isFrozen: boolean,
): Promise<readonly ListedPage[] | null> {
  let pages = await allPages(directory, query);
  for (let listings = 1; listings < LISTINGS; listings += 1) {
    if (isFrozen || pages.length === 1) return pages;
    const before = namesIn(pages);
    pages = await allPages(directory, query);
    if (namesIn(pages) === before) return pages;
  }
  return null;
}

/** One listing to its end. */
export async function allPages(directory: ShareDirectoryClient, query: ListingQuery): Promise<readonly ListedPage[]> {
  const pages: ListedPage[] = [];
  for await (const page of listPages(directory, query)) pages.push(page);
  return pages;
}

function namesIn(pages: readonly ListedPage[]): string {
  const entries = pages.flatMap(({ files, directories }) => [...files, ...directories]);
  return JSON.stringify(entries.map(({ name, fileId }) => [name, fileId]));
}

async function requestPage(
  directory: ShareDirectoryClient,
  marker: string | null,
  { prefix, pageSize }: ListingQuery,
  signal: AbortSignal,
): Promise<ListedPage> {
  const pages = directory
    .listFilesAndDirectories({ ...INCLUDE, ...(prefix === undefined ? {} : { prefix }), abortSignal: signal })
    .byPage({
      ...(marker === null ? {} : { continuationToken: marker }),
      ...(pageSize === undefined ? {} : { maxPageSize: pageSize }),
    });
  const { value } = await pages.next().catch((error: unknown) => {
    // The SDK looks into an answer that is no listing, such as a proxy's page, and stumbles.
    throw error instanceof TypeError ? incomplete(error) : error;
  });
  // Every listing of Azure ends with a marker, an empty one at the end.
  if (value === undefined || typeof value.continuationToken !== "string" || !value.shareName) throw incomplete();
  const { fileItems, directoryItems } = value.segment;
  return {
    files: fileItems,
    directories: directoryItems,
    date: value.date,
    next: value.continuationToken === "" ? null : value.continuationToken,
  };
}

function incomplete(cause?: unknown): GitHubSdkError {
  return new GitHubSdkError("source_unavailable", "Azure Files gave an answer that is no complete listing.", {
    cause,
    details: { reason: "unavailable" },
  });
}
