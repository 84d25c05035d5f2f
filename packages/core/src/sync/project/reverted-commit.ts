import type { ProjectFilesSession } from "../../adapters/project-files.js";
import { type Baseline, type BaselineEntry, EMPTY_BASELINE } from "../../domain/baseline.js";
import type { ObjectId, RemoteEntry } from "../../domain/repository.js";
import { GitHubSdkError } from "../../errors.js";
import { isFileMode, normalizeMode } from "../../git/file-mode.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readBlobSizes } from "../../repository/blob-sizes.js";
import { readBlob } from "../../repository/branch-reader.js";
import { type CommitTreesQuery, readCommitTrees } from "../../repository/commit-trees.js";
import { filesByDirectory } from "./given-files.js";

/** The files that a commit changed, before and after it. Paths are relative to the project. */
export interface RevertedCommit {
  readonly commitId: ObjectId;
  readonly paths: ReadonlySet<string>;
  /** The versions that the commit wrote. */
  readonly written: ReadonlyMap<string, BaselineEntry>;
  /** A baseline of the versions before the commit, so that they are not read before they are needed. */
  readonly before: Baseline;
}

/**
 * Reads the files that a commit changed below a directory.
 *
 * @throws GitHubSdkError `sync_not_revertible` when the commit replaced something else than a file
 */
export async function readRevertedCommit(query: CommitTreesQuery, commitId: ObjectId): Promise<RevertedCommit> {
  const { before, after } = await readCommitTrees(query, commitId);
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [old, present] = [before.get(path), after.get(path)];
    return old?.oid !== present?.oid || old?.mode !== present?.mode;
  });
  const entriesOf = (entries: ReadonlyMap<string, RemoteEntry>): ReadonlyMap<string, BaselineEntry> =>
    new Map(
      paths.flatMap((path) => {
        const entry = entries.get(path);
        return entry === undefined ? [] : [[path, fileEntry(path, entry)] as const];
      }),
    );
  return {
    commitId,
    paths: new Set(paths),
    written: entriesOf(after),
    before: { ...EMPTY_BASELINE, entries: entriesOf(before) },
  };
}

/** The repository that contents are read from. */
interface ContentQuery {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  readonly signal: AbortSignal;
}

/** Returns a session on the files as they were before a commit. Contents are read from GitHub. */
export async function sessionBefore(
  { before }: RevertedCommit,
  { client, repository, signal }: ContentQuery,
): Promise<ProjectFilesSession> {
  const oids = Array.from(before.entries.values(), ({ oid }) => oid);
  const sizes = await readBlobSizes(client, repository, oids, signal);
  const children = filesByDirectory(
    Array.from(before.entries, ([path, { mode, oid }]) => {
      return { type: "file", path, mode, size: sizes.get(oid) ?? 0, versionTag: oid } as const;
    }),
  );
  return {
    async *list(directory) {
      yield* children.get(directory)?.values() ?? [];
    },
    async read({ path, versionTag }) {
      const bytes = versionTag === null ? null : await readBlob(client, repository, versionTag, signal);
      if (bytes === null) throw contentGone(path);
      return {
        versionTag,
        bytes: (async function* () {
          yield bytes;
        })(),
      };
    },
    async close() {},
  };
}

/** The blob ID is the version tag of a file that is not read yet. */
function fileEntry(path: string, { mode, oid }: RemoteEntry): BaselineEntry {
  const normalized = normalizeMode(mode);
  if (normalized !== null && isFileMode(normalized)) return { mode: normalized, oid, versionTag: oid };
  throw new GitHubSdkError(
    "sync_not_revertible",
    `The sync's commit replaced "${path}", which was not a file. Revert the commit with git.`,
    { details: { path } },
  );
}

function contentGone(path: string): GitHubSdkError {
  return new GitHubSdkError(
    "sync_not_revertible",
    `GitHub no longer has the content that "${path}" had before the sync. Revert the commit with git.`,
    { details: { path } },
  );
}
