import type { ShareClient, ShareDirectoryClient } from "@azure/storage-file-share";
import type {
  ProjectFilesSession,
  ProjectKey,
  ProjectWriteSession,
  WritableProjectFiles,
} from "@infrajet/github/adapters";
import { unavailableError } from "./azure-failure.js";
import { AzureRequests, throwIfAborted } from "./azure-requests.js";
import { AzureSession, type SessionPlace } from "./azure-session.js";
import { AzureWriteSession } from "./azure-write-session.js";
import type { ListingQuery } from "./directory-listing.js";
import { FileLeases } from "./file-lease.js";
import { below, findNewestGeneration, findProject } from "./find-project.js";
import { segmentsOf } from "./layout.js";
import { type AzureProjectFilesOptions, type ResolvedSettings, resolveSettings } from "./options.js";
import { AzureProjectWriter, type ProjectWriter } from "./project-writer.js";
import { openShare } from "./share-access.js";
import { createDirectories, type WritableProject } from "./temporary-file.js";

/** Projects in an Azure file share. The SDK reads and writes them, and so can the host. */
export interface AzureProjectFiles extends WritableProjectFiles {
  /**
   * Opens a project for writing and creates its directory if it is missing. With the layout `latest-generation` it opens the
   * newest generation and never creates one.
   *
   * @throws GitHubSdkError `validation_failed` when an id is not a valid directory name; `project_not_found` when the
   * directory exists with different case or has no generation; `source_unavailable` when Azure fails
   */
  writer(project: ProjectKey, options?: { readonly signal?: AbortSignal }): Promise<ProjectWriter>;
}

/**
 * Returns a source of projects in an Azure file share. The directory of a project defaults to
 * `{baseDirectory}/{userId}/{projectId}`.
 *
 * Ids are checked before a request is sent and match only a directory with exactly the same name, although Azure ignores case.
 *
 * @throws GitHubSdkError `invalid_options` when an option is invalid; the message names it
 */
export function azureProjectFiles(options: AzureProjectFilesOptions): AzureProjectFiles {
  const settings = resolveSettings(options);
  return new AzureFiles(openShare(options, settings.shareName), settings);
}

class AzureFiles implements AzureProjectFiles {
  readonly #share: ShareClient;
  readonly #settings: ResolvedSettings;
  readonly #requests: AzureRequests;
  readonly #leases = new FileLeases();

  constructor(share: ShareClient, settings: ResolvedSettings) {
    this.#share = share;
    this.#settings = settings;
    this.#requests = new AzureRequests(settings);
  }

  async open(project: ProjectKey, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectFilesSession> {
    options.signal?.throwIfAborted();
    const segments = await segmentsOf(project, this.#settings.layout);
    const query = this.#query(options);
    const path = await this.#find(segments, query);
    const context = { requests: this.#requests, quietPeriodSeconds: this.#settings.quietPeriodSeconds };
    return new AzureSession((signal) => this.#enter(path, signal), context);
  }

  async writer(project: ProjectKey, options: { readonly signal?: AbortSignal } = {}): Promise<ProjectWriter> {
    options.signal?.throwIfAborted();
    const segments = await segmentsOf(project, this.#settings.layout);
    const query = this.#query(options);
    // The host names new generations, so it also creates them.
    if (this.#settings.layout !== "latest-generation") await this.#create(segments, query);
    const path = await this.#find(segments, query);
    return new AzureProjectWriter(this.#writable(path));
  }

  async openToWrite(
    project: ProjectKey,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ProjectWriteSession> {
    options.signal?.throwIfAborted();
    const segments = await segmentsOf(project, this.#settings.layout);
    const path = await this.#find(segments, this.#query(options));
    return new AzureWriteSession(this.#writable(path), this.#leases);
  }

  #writable(path: string): WritableProject {
    return { directory: inShare(this.#share, path), path, requests: this.#requests };
  }

  #query({ signal }: { readonly signal?: AbortSignal }): ListingQuery {
    return { requests: this.#requests, signals: signal === undefined ? [] : [signal] };
  }

  /** Resolves to the path of a project's directory in the share. */
  async #find(segments: readonly string[], query: ListingQuery): Promise<string> {
    const { baseDirectory, layout, generationOrder } = this.#settings;
    await findProject(inShare(this.#share, baseDirectory), segments, query);
    const path = joined(baseDirectory, segments);
    if (layout !== "latest-generation") return path;
    return `${path}/${await findNewestGeneration(inShare(this.#share, path), generationOrder, query)}`;
  }

  async #create(segments: readonly string[], { signals }: ListingQuery): Promise<void> {
    const path = joined(this.#settings.baseDirectory, segments);
    try {
      await createDirectories(this.#share.rootDirectoryClient, path.split("/"), this.#requests, signals);
    } catch (error) {
      throwIfAborted(signals);
      throw unavailableError(error, "");
    }
  }

  async #enter(path: string, signal: AbortSignal): Promise<SessionPlace> {
    const snapshot = this.#settings.snapshot ? await this.#takeSnapshot([signal]) : null;
    return { directory: inShare(snapshot ?? this.#share, path), snapshot };
  }

  async #takeSnapshot(signals: readonly AbortSignal[]): Promise<ShareClient> {
    try {
      const { snapshot } = await this.#requests.send(signals, (abortSignal) =>
        this.#share.createSnapshot({ abortSignal, metadata: { createdby: "infrajet" } }),
      );
      if (!snapshot) throw new Error("The response does not contain the snapshot's name.");
      return this.#share.withSnapshot(snapshot);
    } catch (error) {
      throwIfAborted(signals);
      throw unavailableError(error, "");
    }
  }
}

function joined(baseDirectory: string, segments: readonly string[]): string {
  return [...(baseDirectory === "" ? [] : [baseDirectory]), ...segments].join("/");
}

function inShare(share: ShareClient, path: string): ShareDirectoryClient {
  return below(share.rootDirectoryClient, path === "" ? [] : [path]);
}
