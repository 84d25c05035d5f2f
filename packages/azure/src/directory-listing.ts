import type { FileItem, ShareDirectoryClient } from "@azure/storage-file-share";
import { GitHubSdkError } from "@infrajet/github/errors";
import type { AzureRequests } from "./azure-requests.js";

/** A page of a directory listing. */
export interface ListedPage {
  readonly files: readonly FileItem[];
  readonly directories: readonly ListedDirectory[];
  /** Azure's time when the page was listed. */
  readonly date: Date | undefined;
  /** `null` on the last page. */
  readonly next: string | null;
}

/** A directory in a listing. */
export interface ListedDirectory {
  readonly name: string;
  readonly fileId?: string;
  readonly properties?: { readonly creationTime?: Date; readonly lastModified?: Date };
}

/** Options of a directory listing. */
export interface ListingQuery {
  readonly requests: AzureRequests;
  readonly signals: readonly AbortSignal[];
  /** Lists only names with this prefix. */
  readonly prefix?: string;
  /** The maximum number of entries per page. Defaults to 5,000, Azure's maximum. */
  readonly pageSize?: number;
}

const LISTINGS = 5;
const INCLUDE = { includeTimestamps: true, includeEtag: true, includeExtendedInfo: true };

/**
 * Lists a directory page by page. Retries a failed page, not the whole directory.
 *
 * @throws the Azure client's error; GitHubSdkError `source_unavailable` when a response is not a complete page
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
 * Lists all entries of a directory at one point in time. A file that is renamed between two pages could be missed under both
 * names and count as deleted, so a directory with several pages is listed until two listings are equal. A snapshot is listed
 * once.
 *
 * @returns `null` when the names kept changing
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

/** Lists all pages of a directory once. */
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
    // The Azure client throws a TypeError when a response is not a listing, such as a proxy's page.
    throw error instanceof TypeError ? incomplete(error) : error;
  });
  // Azure's pages always contain a marker; that of the last page is empty.
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
  return new GitHubSdkError(
    "source_unavailable",
    "Azure Files returned an incomplete directory listing. Try again later.",
    {
      cause,
      details: { reason: "unavailable" },
    },
  );
}
