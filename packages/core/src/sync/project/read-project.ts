import pMap from "p-map";
import type { ProjectFilesSession } from "../../adapters/project-files.js";
import type { BaselineEntry } from "../../domain/baseline.js";
import type { FileMode, ProjectFile } from "../../domain/project-file.js";
import type { ObjectId } from "../../domain/repository.js";
import { GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import { parentPath } from "../../git/path.js";
import type { ContentSpool } from "./content-spool.js";

/** A file of the project with the blob ID of its content. */
export interface LocalFile {
  readonly path: string;
  /** `null` when the source does not provide modes. */
  readonly mode: FileMode | null;
  readonly oid: ObjectId;
  /** Bytes. */
  readonly size: number;
  readonly versionTag: string | null;
}

/** The parameters for reading a project. */
export interface ReadOptions {
  /** The base entries. A file with the version tag of its base entry is not read; it has the same blob ID. */
  readonly known: ReadonlyMap<string, BaselineEntry>;
  readonly spool: ContentSpool;
  readonly signal: AbortSignal;
  /** Called for every file, read or not. */
  onFile(path: string): void;
}

const FILES_AT_ONCE = 8;
const READS_OF_A_CHANGING_FILE = 3;

/**
 * Determines the blob ID of every listed file. Files with a new version tag are read into the spool.
 *
 * @throws GitHubSdkError `source_changed` when a file keeps changing while it is read, or was removed after it was listed
 */
export async function readProject(
  session: ProjectFilesSession,
  files: ReadonlyMap<string, ProjectFile>,
  options: ReadOptions,
): Promise<ReadonlyMap<string, LocalFile>> {
  const local = new Map<string, LocalFile>();
  const changed: ProjectFile[] = [];
  for (const file of files.values()) {
    const known = options.known.get(file.path);
    if (known === undefined || file.versionTag === null || known.versionTag !== file.versionTag) {
      changed.push(file);
      continue;
    }
    local.set(file.path, localFile(file, known.oid));
    options.onFile(file.path);
  }
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const read = async (file: ProjectFile): Promise<void> => {
    try {
      local.set(file.path, await readFile(session, file, { spool: options.spool, signal }));
    } catch (error) {
      // The results of the other reads in progress are not needed any more.
      failed.abort(error);
      throw error;
    }
    options.onFile(file.path);
  };
  await pMap(changed, read, { concurrency: FILES_AT_ONCE, signal: options.signal });
  return local;
}

/** Reads one file into the spool. A file that changed since it was listed is listed and read again. */
async function readFile(
  session: ProjectFilesSession,
  listed: ProjectFile,
  { spool, signal }: Pick<ReadOptions, "spool" | "signal">,
): Promise<LocalFile> {
  let file = listed;
  for (let read = 1; ; read++) {
    try {
      const content = await session.read(file, { signal });
      // Without a version tag in the listing only the size can show that the file changed.
      if (file.versionTag === null || content.versionTag === file.versionTag) {
        return localFile(file, await spool.add(file.path, file.size, content.bytes));
      }
      await discard(content.bytes);
    } catch (error) {
      if (!isGitHubSdkError(error, "source_changed") || read === READS_OF_A_CHANGING_FILE) throw error;
    }
    if (read === READS_OF_A_CHANGING_FILE) throw keepsChanging(file.path);
    file = await findAgain(session, file.path, signal);
  }
}

/**
 * Returns the bytes of a file whose blob ID is known, from the spool or from the source.
 *
 * @param listed the file as it was listed; `null` lists it again
 * @throws GitHubSdkError `source_changed` when the file's content has another blob ID now
 */
export async function readAgain(
  session: ProjectFilesSession,
  local: LocalFile,
  listed: ProjectFile | null,
  options: Pick<ReadOptions, "spool" | "signal">,
): Promise<Uint8Array> {
  const spooled = await options.spool.read(local.oid);
  if (spooled !== null) return spooled;
  const file = listed ?? (await findAgain(session, local.path, options.signal));
  const { oid } = await readFile(session, file, options);
  const bytes = oid === local.oid ? await options.spool.read(oid) : null;
  if (bytes === null) throw keepsChanging(local.path);
  return bytes;
}

async function findAgain(session: ProjectFilesSession, path: string, signal: AbortSignal): Promise<ProjectFile> {
  for await (const entry of session.list(parentPath(path), { signal })) {
    if (entry.type === "file" && entry.path === path) return entry;
  }
  throw new GitHubSdkError("source_changed", `"${path}" was removed while the project was read. Run the sync again.`, {
    details: { path },
  });
}

/** Starts and ends the iteration of content that is not needed, so that the source closes what it opened. */
async function discard(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of bytes) break;
}

function localFile(file: ProjectFile, oid: ObjectId): LocalFile {
  return { path: file.path, mode: file.mode ?? null, oid, size: file.size, versionTag: file.versionTag };
}

function keepsChanging(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "source_changed",
    `"${path}" keeps changing while it is read. Run the sync again when no process writes to the file.`,
    { details: { path } },
  );
}
