import type { ProjectFilesSession } from "../../adapters/project-files.js";
import type { Baseline } from "../../domain/baseline.js";
import type { ObjectFormat, ObjectId } from "../../domain/repository.js";
import type { SyncDirection, SyncOptions } from "../../domain/sync-record.js";
import { GitHubSdkError } from "../../errors.js";
import type { Deflated } from "../../git/deflated.js";
import { ContentSpool } from "./content-spool.js";
import { guardListing } from "./guard-listing.js";
import { listProject, type ProjectListing } from "./list-project.js";
import { type LocalFile, readAgain, readProject } from "./read-project.js";

/** The parameters for opening a project. */
export interface LocalProjectQuery {
  /** Opens the session that the project is read through. */
  readonly openSession: () => Promise<ProjectFilesSession>;
  readonly baseline: Baseline;
  readonly directory: string;
  readonly options: SyncOptions;
  readonly direction: SyncDirection;
  readonly format: ObjectFormat;
  readonly signal: AbortSignal;
  /** Called for each file once its blob ID is known. */
  onProgress(done: number, total: number, path: string): void;
}

/** The project's files in one sync: read once, even when the plan is made several times. Must be closed. */
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

  /**
   * Lists the project, rejects a listing that cannot become a commit, and reads the files that changed since the baseline.
   *
   * @throws GitHubSdkError what `listProject`, `guardListing` and `readProject` throw
   */
  static async open(query: LocalProjectQuery): Promise<LocalProject> {
    const { baseline, options, signal } = query;
    const only = options.filePaths === null ? null : new Set(options.filePaths);
    const session = await query.openSession();
    const spool = new ContentSpool(query.format);
    try {
      const listing = await listProject(session, {
        knownIgnoreFiles: baseline.ignoreFiles,
        only,
        applyIgnoreRules: options.applyIgnoreRules,
        signal,
      });
      // An empty project that was never synced has not lost any files.
      const isNew = query.direction === "two_way" && baseline.entries.size === 0;
      guardListing(listing, query.directory, options, query.direction === "pull" || isNew);
      let done = 0;
      const onFile = (path: string): void => query.onProgress(++done, listing.files.size, path);
      const files = await readProject(session, listing.files, { known: baseline.entries, spool, signal, onFile });
      return new LocalProject(session, spool, only, signal, { listing, files });
    } catch (error) {
      await closeAll(spool, session);
      throw error;
    }
  }

  /** Returns the bytes of one of the project's files. */
  bytes(file: LocalFile): Promise<Uint8Array> {
    const listed = this.listing.files.get(file.path) ?? null;
    return readAgain(this.#session, file, listed, { spool: this.spool, signal: this.#signal });
  }

  /** Returns the bytes of a blob that the plan writes: a file of the project, or the result of a merge. */
  async content(oid: ObjectId): Promise<Uint8Array> {
    const spooled = await this.spool.read(oid);
    if (spooled !== null) return spooled;
    const file = this.#byContent().get(oid);
    if (file !== undefined) return this.bytes(file);
    throw missingContent(oid);
  }

  /** Returns the same bytes deflated, as packs hold them. */
  async deflated(oid: ObjectId): Promise<Deflated> {
    if (this.spool.deflated(oid) === null) await this.content(oid);
    const content = this.spool.deflated(oid);
    if (content === null) throw missingContent(oid);
    return content;
  }

  /** Closes the session and removes the temporary file. Never rejects. */
  close(): Promise<void> {
    return closeAll(this.spool, this.#session);
  }

  /** Built on first use: most syncs write only files that they have read. */
  #byContent(): ReadonlyMap<ObjectId, LocalFile> {
    this.#contents ??= new Map(Array.from(this.files.values(), (file) => [file.oid, file]));
    return this.#contents;
  }
}

function missingContent(oid: ObjectId): GitHubSdkError {
  const message = "Internal error: planned content is neither in the spool nor in the project listing.";
  return new GitHubSdkError("internal_error", message, { details: { oid } });
}

/** Never rejects: a failed clean-up must neither undo a completed sync nor hide the error of a failed one. */
async function closeAll(spool: ContentSpool, session: ProjectFilesSession): Promise<void> {
  await Promise.allSettled([spool.dispose(), session.close()]);
}
