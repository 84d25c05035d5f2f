import type { Clock } from "../../adapters/clock.js";
import type { ProjectFiles, ProjectFilesSession, ProjectWriteSession } from "../../adapters/project-files.js";
import type { AuthorizeWrite } from "../../domain/authorize-write.js";
import type { ProjectKey } from "../../domain/project-file.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { isProjectSource } from "../../domain/sync-source.js";
import { GitHubSdkError } from "../../errors.js";
import type { CachedView } from "../../repository/repository-cache.js";

/** The state of a submitted sync that only this process has. */
export interface HandedOver {
  /** Files that came with the call. */
  readonly files?: ProjectFiles;
  /** A session on the project that was opened to check the request. */
  readonly session?: OpenedSession;
  /** A snapshot of the branch that was read to check the request. */
  readonly snapshot?: CachedView;
  /** Checks right before the branch moves that the caller still has the right to write. Rejects when not. */
  readonly authorize?: AuthorizeWrite;
}

/** A session with the time at which it was requested, in epoch milliseconds. */
export interface OpenedSession {
  readonly session: ProjectFilesSession;
  readonly openedAt: number;
}

interface HeldSession {
  readonly session: ProjectFilesSession;
  readonly taken: AbortController;
}

// An older session may show an older state of the project than a caller expects.
const SESSION_KEPT_FOR_MS = 5_000;
// Many syncs may be waiting, and a session may hold a share snapshot or handles.
const SESSIONS_KEPT = 32;

/**
 * Gives a running sync its files: from the host's project files, or from what its call handed over in this process. Also
 * keeps what checking a request has read already, so that the first run does not read it again.
 */
export class SyncSources {
  readonly #projectFiles: ProjectFiles;
  readonly #clock: Clock;
  readonly #files = new Map<number, ProjectFiles>();
  readonly #snapshots = new Map<number, CachedView>();
  readonly #authorizations = new Map<number, AuthorizeWrite>();
  readonly #sessions = new Map<number, HeldSession>();

  constructor(projectFiles: ProjectFiles, clock: Clock) {
    this.#projectFiles = projectFiles;
    this.#clock = clock;
  }

  /** Keeps the state of a submitted sync until its record has ended; a session for at most 5 seconds. */
  handOver(syncId: number, { files, session, snapshot, authorize }: HandedOver): void {
    if (files !== undefined) this.#files.set(syncId, files);
    if (snapshot !== undefined) this.#snapshots.set(syncId, snapshot);
    if (authorize !== undefined) this.#authorizations.set(syncId, authorize);
    if (session !== undefined) this.#keepSession(syncId, session);
  }

  /** Drops everything that was handed over with a sync. */
  release(syncId: number): void {
    this.#files.delete(syncId);
    this.#snapshots.delete(syncId);
    this.#authorizations.delete(syncId);
    void this.#takeSession(syncId)?.close().catch(ignoreFailure);
  }

  /** Drops everything. */
  close(): void {
    for (const syncId of [...this.#files.keys(), ...this.#snapshots.keys(), ...this.#sessions.keys()]) {
      this.release(syncId);
    }
  }

  /** True when this process has the files that came with the sync's call. */
  hasGivenFiles(syncId: number): boolean {
    return this.#files.has(syncId);
  }

  /** True when this process can read the record's files. */
  has({ id, target }: SyncRecord): boolean {
    return isProjectSource(target.source) || this.hasGivenFiles(id);
  }

  /** Checks the right of the sync's caller again, if its call handed over a check. @throws GitHubSdkError when it is withdrawn */
  async authorize(syncId: number, signal: AbortSignal): Promise<void> {
    await this.#authorizations.get(syncId)?.(signal);
  }

  /** Returns the snapshot that was handed over, once; `null` when there is none. */
  takeSnapshot(syncId: number): CachedView | null {
    const snapshot = this.#snapshots.get(syncId) ?? null;
    this.#snapshots.delete(syncId);
    return snapshot;
  }

  /**
   * Opens the files of a record: the session that was handed over while it is new enough, else another one.
   *
   * @throws GitHubSdkError `source_unavailable` when the files came with a call to a process that has ended, and what the
   * host's source throws.
   */
  async open({ id, userId, projectId, target }: SyncRecord, signal: AbortSignal): Promise<ProjectFilesSession> {
    const files = isProjectSource(target.source) ? this.#projectFiles : this.#files.get(id);
    if (files === undefined) throw filesGone();
    return this.#takeSession(id) ?? files.open({ userId, projectId }, { signal });
  }

  /**
   * Opens the project of a record for writing.
   *
   * @throws GitHubSdkError `capability_not_configured` when the source can only be read, and what the host's source throws
   */
  async openToWrite({ userId, projectId }: SyncRecord, signal: AbortSignal): Promise<ProjectWriteSession> {
    return openToWrite(this.#projectFiles, { userId, projectId }, signal);
  }

  /** True when the projects can be written to. */
  get isWritable(): boolean {
    return this.#projectFiles.openToWrite !== undefined;
  }

  #keepSession(syncId: number, { session, openedAt }: OpenedSession): void {
    const remaining = openedAt + SESSION_KEPT_FOR_MS - this.#clock.now();
    if (remaining <= 0 || this.#sessions.size >= SESSIONS_KEPT) {
      void session.close().catch(ignoreFailure);
      return;
    }
    const taken = new AbortController();
    this.#sessions.set(syncId, { session, taken });
    const expire = (): void => void this.#takeSession(syncId)?.close().catch(ignoreFailure);
    this.#clock.idle(remaining, taken.signal).then(expire).catch(ignoreFailure);
  }

  #takeSession(syncId: number): ProjectFilesSession | null {
    const held = this.#sessions.get(syncId);
    if (held === undefined) return null;
    this.#sessions.delete(syncId);
    held.taken.abort();
    return held.session;
  }
}

/** Opens a project for writing. @throws GitHubSdkError `capability_not_configured` when the source can only be read */
export async function openToWrite(
  files: ProjectFiles,
  project: ProjectKey,
  signal: AbortSignal,
): Promise<ProjectWriteSession> {
  if (files.openToWrite === undefined) throw notWritable();
  return files.openToWrite(project, { signal });
}

/** Returns the error of a sync that would change a project whose source can only be read. */
export function notWritable(): GitHubSdkError {
  return new GitHubSdkError(
    "capability_not_configured",
    "The source of project files can only be read, so nothing can be pulled into the project. Set `direction` to `push`, or use a source that can be written to.",
  );
}

/** Returns the error of a sync whose files came with a call to a process that has ended. */
export function filesGone(): GitHubSdkError {
  return new GitHubSdkError("source_unavailable", "The files came with a call that was interrupted. Send them again.");
}

/** A session that does not close must not fail a sync that no longer needs it. */
function ignoreFailure(): void {}
