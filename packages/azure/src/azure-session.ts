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
import { type FileVersion, isSettling, isVersion, versionTag } from "./version-tag.js";

/** What all sessions of one source share. */
export interface SessionContext {
  readonly requests: AzureRequests;
  /** Seconds that a file needs to settle; 0 when every etag is believed at once. */
  readonly settling: number;
}

/** Where a session looks. */
export interface SessionPlace {
  /** The project's directory. */
  readonly directory: ShareDirectoryClient;
  /** The snapshot that the directory lies in, to be deleted at the end; `null` for the live share. */
  readonly snapshot: ShareClient | null;
}

/** One look at a project's directory, live or in a snapshot of the share. */
export class AzureSession implements ProjectFilesSession {
  readonly #enter: (signal: AbortSignal) => Promise<SessionPlace>;
  readonly #context: SessionContext;
  readonly #ended = new AbortController();
  readonly #open = new Set<FileContent>();
  #place: Promise<SessionPlace> | null = null;

  /** @param enter called when something is looked at, once if it does not fail: who only asks for a project needs no snapshot. */
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
    this.#ended.abort(new GitHubSdkError("source_unavailable", "The look at the project has ended."));
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
      const isSettled = !isSettling(version, now, this.#context.settling);
      const size = item.properties.contentLength;
      yield { type: "file", path: pathOf(item.name), size, versionTag: isSettled ? versionTag(version) : null };
    }
  }
}

/** Deletes a snapshot of a share; one that is gone already is as good. @throws GitHubSdkError `source_unavailable` */
async function deleteSnapshot(snapshot: ShareClient, requests: AzureRequests): Promise<void> {
  // The same request without a snapshot deletes the share.
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

// The listing's own tag when nothing contradicts it: it may know more of the version than the answer with the content.
function tagWhenRead({ versionTag: listed }: ProjectFile, version: FileVersion): string | null {
  if (listed === null || isVersion(listed, version)) return listed;
  return versionTag(version);
}
