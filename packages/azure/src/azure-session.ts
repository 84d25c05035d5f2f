import type { FileItem, ShareClient, ShareDirectoryClient } from "@azure/storage-file-share";
import type { ProjectEntry, ProjectFile, ProjectFileContent, ProjectFilesSession } from "@infrajet/github/adapters";
import { GitHubSdkError } from "@infrajet/github/errors";
import { azureError, changedError } from "./azure-failure.js";
import { assertPathBelow } from "./azure-name.js";
import { type AzureRequests, abortable, throwIfAborted } from "./azure-requests.js";
import { type ListedPage, listWhole } from "./directory-listing.js";
import { FileContent } from "./file-content.js";
import { below } from "./find-project.js";
import { isUnfinishedName } from "./unfinished-name.js";
import { type FileVersion, isInQuietPeriod, isVersion, versionTag } from "./version-tag.js";

/** The settings that all sessions of one source share. */
export interface SessionContext {
  readonly requests: AzureRequests;
  /** Seconds after a write in which a file's etag is not trusted. */
  readonly quietPeriodSeconds: number;
}

/** The directory that a session reads. */
export interface SessionPlace {
  /** The project's directory. */
  readonly directory: ShareDirectoryClient;
  /** The snapshot that contains the directory and is deleted when the session is closed; `null` for the live share. */
  readonly snapshot: ShareClient | null;
}

/** A session on a project's directory, in the live share or in a snapshot of it. */
export class AzureSession implements ProjectFilesSession {
  readonly #enter: (signal: AbortSignal) => Promise<SessionPlace>;
  readonly #context: SessionContext;
  readonly #ended = new AbortController();
  readonly #open = new Set<FileContent>();
  #place: Promise<SessionPlace> | null = null;

  /** @param enter called by the first listing or read, and again if it fails; a session without either creates no snapshot */
  constructor(enter: (signal: AbortSignal) => Promise<SessionPlace>, context: SessionContext) {
    this.#enter = enter;
    this.#context = context;
  }

  async *list(directory: string, options: { readonly signal?: AbortSignal } = {}): AsyncIterable<ProjectEntry> {
    if (directory !== "") assertPathBelow(directory);
    const signals = this.#signals(options);
    const place = await this.#entered(signals);
    for (const page of await this.#pages(place, directory, signals)) yield* this.#entries(page, directory);
  }

  async read(file: ProjectFile, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFileContent> {
    assertPathBelow(file.path);
    const signals = this.#signals(options);
    const { directory, snapshot } = await this.#entered(signals);
    const client = directory.getFileClient(file.path);
    const { requests } = this.#context;
    const content = await FileContent.open(
      { client, path: file.path, requests, signals, isFrozen: snapshot !== null },
      (closed) => this.#open.delete(closed),
    );
    this.#open.add(content);
    return { versionTag: tagWhenRead(file, content.version), bytes: content.bytes() };
  }

  async close(): Promise<void> {
    const isFirst = !this.#ended.signal.aborted;
    this.#ended.abort(new GitHubSdkError("source_unavailable", "The project's session is closed."));
    for (const content of this.#open) content.close();
    const place = await this.#place?.catch(() => null);
    if (isFirst && place?.snapshot) await deleteSnapshot(place.snapshot, this.#context.requests);
  }

  async #entered(signals: readonly AbortSignal[]): Promise<SessionPlace> {
    this.#place ??= this.#enter(this.#ended.signal).catch((error: unknown) => {
      this.#place = null;
      throw error;
    });
    const place = this.#place;
    return abortable(signals, () => place);
  }

  #signals({ signal }: { readonly signal?: AbortSignal }): readonly AbortSignal[] {
    const signals = signal === undefined ? [this.#ended.signal] : [this.#ended.signal, signal];
    throwIfAborted(signals);
    return signals;
  }

  async #pages(
    place: SessionPlace,
    directory: string,
    signals: readonly AbortSignal[],
  ): Promise<readonly ListedPage[]> {
    const client = below(place.directory, directory === "" ? [] : [directory]);
    try {
      const query = { requests: this.#context.requests, signals };
      const pages = await listWhole(client, query, place.snapshot !== null);
      if (pages === null) throw changedError(directory);
      return pages;
    } catch (error) {
      throwIfAborted(signals);
      throw azureError(error, directory);
    }
  }

  *#entries({ files, directories, date }: ListedPage, directory: string): Iterable<ProjectEntry> {
    const pathOf = (name: string): string => (directory === "" ? name : `${directory}/${name}`);
    for (const { name } of directories) yield { type: "directory", path: pathOf(name) };
    const now = date ?? new Date(this.#context.requests.policy.clock.now());
    for (const item of files) {
      if (isUnfinishedName(item.name)) continue;
      const version = versionOf(item);
      const isTrusted = !isInQuietPeriod(version, now, this.#context.quietPeriodSeconds);
      const size = item.properties.contentLength;
      yield { type: "file", path: pathOf(item.name), size, versionTag: isTrusted ? versionTag(version) : null };
    }
  }
}

/** Deletes a snapshot of a share, if it still exists. @throws GitHubSdkError `source_unavailable` when Azure fails */
async function deleteSnapshot(snapshot: ShareClient, requests: AzureRequests): Promise<void> {
  // The same request without a snapshot would delete the share.
  if (!new URL(snapshot.url).searchParams.has("sharesnapshot")) return;
  try {
    await requests.send([], (abortSignal) => snapshot.deleteIfExists({ abortSignal }));
  } catch (error) {
    throw azureError(error, "");
  }
}

function versionOf({ fileId, properties }: FileItem): FileVersion {
  const { etag, contentLength: size, lastModified, lastWriteTime, changeTime } = properties;
  return { etag, size, lastModified, fileId, lastWriteTime, changeTime };
}

// The listing's tag is preferred unless the versions differ, because the download's response may omit parts of the version.
function tagWhenRead({ versionTag: listed }: ProjectFile, version: FileVersion): string | null {
  if (listed === null || isVersion(listed, version)) return listed;
  return versionTag(version);
}
