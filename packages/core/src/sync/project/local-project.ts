import type { ProjectFiles, ProjectFilesSession } from "../../adapters/project-files.js";
import type { Baseline } from "../../domain/baseline.js";
import type { ProjectKey } from "../../domain/project-file.js";
import type { ObjectId } from "../../domain/repository.js";
import type { SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import type { Deflated } from "../../git/deflated.js";
import type { ObjectFormat } from "../../git/object-id.js";
import { guardListing } from "../plan/guard-plan.js";
import { ContentSpool } from "./content-spool.js";
import { listProject, type ProjectListing } from "./list-project.js";
import { type LocalFile, readAgain, readProject } from "./read-project.js";

/** What opening a project needs to know. */
export interface LocalProjectQuery {
  readonly projectFiles: ProjectFiles;
  readonly project: ProjectKey;
  readonly baseline: Baseline;
  readonly directory: string;
  readonly options: SyncOptions;
  readonly format: ObjectFormat;
  readonly signal: AbortSignal;
  /** So many of so many files are known. */
  onProgress(done: number, total: number, path: string): void;
}

/** The project's side of one sync: read once, however often the plan is made again. Has to be closed. */
export class LocalProject {
  readonly listing: ProjectListing;
  readonly files: ReadonlyMap<string, LocalFile>;
  readonly only: ReadonlySet<string> | null;
  readonly spool: ContentSpool;
  readonly #session: ProjectFilesSession;
  readonly #signal: AbortSignal;
  #contents: ReadonlyMap<ObjectId, LocalFile> | null = null;

  private constructor(
    session: ProjectFilesSession,
    spool: ContentSpool,
    only: ReadonlySet<string> | null,
    signal: AbortSignal,
    read: { readonly listing: ProjectListing; readonly files: ReadonlyMap<string, LocalFile> },
  ) {
    this.#session = session;
    this.#signal = signal;
    this.spool = spool;
    this.only = only;
    this.listing = read.listing;
    this.files = read.files;
  }

  /** Lists the project, refuses what no commit can be made from, and reads what has changed since the baseline. */
  static async open(query: LocalProjectQuery): Promise<LocalProject> {
    const { baseline, options, signal } = query;
    const only = options.filePaths === null ? null : new Set(options.filePaths);
    const session = await query.projectFiles.open(query.project, { signal });
    const spool = new ContentSpool(query.format);
    try {
      const listing = await listProject(session, {
        knownIgnoreFiles: baseline.ignoreFiles,
        only,
        applyIgnoreRules: options.applyIgnoreRules,
        signal,
      });
      guardListing(listing, query.directory, options);
      let done = 0;
      const onFile = (path: string): void => query.onProgress(++done, listing.files.size, path);
      const files = await readProject(session, listing.files, { known: baseline.entries, spool, signal, onFile });
      return new LocalProject(session, spool, only, signal, { listing, files });
    } catch (error) {
      await closeAll(spool, session);
      throw error;
    }
  }

  /** The bytes of one of the project's files. */
  bytes(file: LocalFile): Promise<Uint8Array> {
    const listed = this.listing.files.get(file.path) ?? null;
    return readAgain(this.#session, file, listed, { spool: this.spool, signal: this.#signal });
  }

  /** The bytes of a blob that the plan writes: a file of the project, or a merge. */
  async content(oid: ObjectId): Promise<Uint8Array> {
    const spooled = await this.spool.read(oid);
    if (spooled !== null) return spooled;
    const file = this.#byContent().get(oid);
    if (file !== undefined) return this.bytes(file);
    throw inNobodysHands(oid);
  }

  /** The same bytes as packs hold them. */
  async deflated(oid: ObjectId): Promise<Deflated> {
    if (this.spool.deflated(oid) === null) await this.content(oid);
    const content = this.spool.deflated(oid);
    if (content === null) throw inNobodysHands(oid);
    return content;
  }

  /** Gives back the session and the temporary file; never rejects. */
  close(): Promise<void> {
    return closeAll(this.spool, this.#session);
  }

  /** Made only when a file has to be written that was not read: most syncs need none. */
  #byContent(): ReadonlyMap<ObjectId, LocalFile> {
    this.#contents ??= new Map(Array.from(this.files.values(), (file) => [file.oid, file]));
    return this.#contents;
  }
}

function inNobodysHands(oid: ObjectId): GitHubSdkError {
  return new GitHubSdkError("internal_error", "A planned content is in nobody's hands.", { details: { oid } });
}

/** What a source does not take back must neither undo a sync that is done nor hide why one failed. */
async function closeAll(spool: ContentSpool, session: ProjectFilesSession): Promise<void> {
  await Promise.allSettled([spool.dispose(), session.close()]);
}
