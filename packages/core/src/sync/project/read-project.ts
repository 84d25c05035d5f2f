import pMap from "p-map";
import type { ProjectFilesSession } from "../../adapters/project-files.js";
import type { BaselineEntry } from "../../domain/baseline.js";
import type { FileMode, ProjectFile } from "../../domain/project-file.js";
import type { ObjectId } from "../../domain/repository.js";
import { GitHubSdkError, isGitHubSdkError } from "../../errors.js";
import { parentPath } from "../../git/path.js";
import type { ContentSpool } from "./content-spool.js";

/** A file of the project with the blob id of its content. */
export interface LocalFile {
  readonly path: string;
  /** `null` when the source knows no modes. */
  readonly mode: FileMode | null;
  readonly oid: ObjectId;
  /** Bytes. */
  readonly size: number;
  readonly versionTag: string | null;
}

/** What reading a project needs to know. */
export interface ReadOptions {
  /** The base entries: a file whose version tag is unchanged is not read, its blob id is known. */
  readonly known: ReadonlyMap<string, BaselineEntry>;
  readonly spool: ContentSpool;
  readonly signal: AbortSignal;
  /** Called for every file, read or not. */
  onFile(path: string): void;
}

const FILES_AT_ONCE = 8;
const READS_OF_A_MOVING_FILE = 3;

/**
 * Finds the blob id of every listed file, reading those whose version tag has changed into the spool.
 *
 * @throws GitHubSdkError `source_changed` when a file keeps changing while it is read, or went away after it was listed.
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
      // Nobody waits for the files that are being read beside this one.
      failed.abort(error);
      throw error;
    }
    options.onFile(file.path);
  };
  await pMap(changed, read, { concurrency: FILES_AT_ONCE, signal: options.signal });
  return local;
}

/** Reads one file into the spool; when it moved since it was listed, it is looked up and read again. */
async function readFile(
  session: ProjectFilesSession,
  listed: ProjectFile,
  { spool, signal }: Pick<ReadOptions, "spool" | "signal">,
): Promise<LocalFile> {
  let file = listed;
  for (let read = 1; ; read++) {
    try {
      const content = await session.read(file, { signal });
      // A listing that could not vouch for the file has nothing that the content could differ from, but its size.
      if (file.versionTag === null || content.versionTag === file.versionTag) {
        return localFile(file, await spool.add(file.path, file.size, content.bytes));
      }
      await letGo(content.bytes);
    } catch (error) {
      if (!isGitHubSdkError(error, "source_changed") || read === READS_OF_A_MOVING_FILE) throw error;
    }
    if (read === READS_OF_A_MOVING_FILE) throw keepsChanging(file.path);
    file = await findAgain(session, file.path, signal);
  }
}

/**
 * The bytes of a file as it was read before, or as the baseline knows it.
 *
 * @param listed the file as it was listed, to begin with; `null` lists it anew
 * @throws GitHubSdkError `source_changed` when the file is another one by now.
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

/** Ends a read whose content is not wanted: begun and broken off, so that the source closes what it has opened. */
async function letGo(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of bytes) break;
}

function localFile(file: ProjectFile, oid: ObjectId): LocalFile {
  return { path: file.path, mode: file.mode ?? null, oid, size: file.size, versionTag: file.versionTag };
}

function keepsChanging(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "source_changed",
    `"${path}" keeps changing while it is read. Run the sync again when it has settled.`,
    { details: { path } },
  );
}
