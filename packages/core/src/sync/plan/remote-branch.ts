import type { Clock } from "../../adapters/clock.js";
import type { Baseline } from "../../domain/baseline.js";
import type { ObjectId, RemoteEntry, SyncTarget } from "../../domain/repository.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readEntries, readHead, viewBranch } from "../../repository/branch-reader.js";
import type { BranchView } from "../../repository/branch-view.js";
import { findInHistory } from "../../repository/comparison.js";
import type { CachedView, RepositoryCache } from "../../repository/repository-cache.js";

/** The state of a branch below a directory. */
export interface RemoteBranch {
  readonly view: BranchView;
  /** The ETag of the ref; `null` when the ref was not read by itself. */
  readonly etag: string | null;
  /** Paths relative to the directory. */
  readonly entries: ReadonlyMap<string, RemoteEntry>;
  /** The branch no longer exists, and the commit at which it would be created again does not have its history. */
  readonly isLost: boolean;
}

/** The result of reading a branch's head. */
type HeadReading = Pick<RemoteBranch, "view" | "etag">;

/** The branch to read and its baseline. */
export interface RemoteQuery {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  readonly target: Pick<SyncTarget, "branch" | "directory">;
  readonly baseline: Baseline;
  readonly signal: AbortSignal;
}

// A snapshot that was read to check the request is recent enough for its run.
const FRESH_FOR = 5_000;
// GitHub's reads may lag behind its writes for some seconds.
const LAG_IS_POSSIBLE_FOR = 60_000;
const LAG_READS = 5;
const LAG_WAIT = 1_000;

/**
 * Reads a branch with as few requests as cache and baseline allow: one conditional request, or one query, when the branch has
 * not moved; one more for its entries when it has.
 */
export class RemoteBranchReader {
  readonly #cache: RepositoryCache;
  readonly #clock: Clock;

  constructor(cache: RepositoryCache, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /**
   * Reads the branch.
   *
   * @param initialSnapshot a snapshot that was read to check the request, used while it is recent
   * @param again `true` when an earlier read of the same sync was out of date: the cache is skipped
   */
  async read(query: RemoteQuery, initialSnapshot: CachedView | null, again = false): Promise<RemoteBranch> {
    let state = this.#fresh(initialSnapshot, query.baseline) ?? (await this.#readHead(query, again));
    for (let read = 1; read < LAG_READS && this.#lags(state.view.head, query.baseline); read++) {
      await this.#clock.sleep(LAG_WAIT, query.signal);
      state = await this.#readHead(query, true);
    }
    const entries = await this.#entries(query, state.view);
    return { ...state, entries, isLost: await isLost(query, state.view) };
  }

  async #readHead(query: RemoteQuery, again: boolean): Promise<HeadReading> {
    const { client, target, baseline, signal } = query;
    const cached = this.#cache.get(client, query.repository, target);
    if (cached !== null && !again) {
      const { head, rootTree } = baseline;
      if (head !== null && rootTree !== null && baseline.remote !== null) {
        const read = await readHead(client, cached.view.repository.fullName, target.branch, baseline.etag, signal);
        const unmoved = read.state === "unchanged" || (read.state === "read" && read.head === head);
        const etag = read.state === "read" ? read.etag : baseline.etag;
        // The repository may have been empty when it was cached.
        const repository = { ...cached.view.repository, isEmpty: false };
        if (unmoved) return { view: { ...cached.view, repository, head, start: head, rootTree }, etag };
      }
    }
    const view = await viewBranch(client, query.repository, target.branch, target.directory, signal);
    this.#cache.put(client, query.repository, target, view);
    return { view, etag: null };
  }

  /** Returns the snapshot unless it is old, or older than the baseline: an earlier sync may have moved the branch since. */
  #fresh(snapshot: CachedView | null, baseline: Baseline): HeadReading | null {
    if (snapshot === null || snapshot.headReadAt <= baseline.savedAt) return null;
    return this.#clock.now() - snapshot.headReadAt <= FRESH_FOR ? { view: snapshot.view, etag: null } : null;
  }

  /** True when a read returns the head that this SDK has just replaced. */
  #lags(head: ObjectId | null, baseline: Baseline): boolean {
    const recent = this.#clock.now() - baseline.savedAt < LAG_IS_POSSIBLE_FOR;
    return recent && baseline.previousHead !== null && head === baseline.previousHead;
  }

  async #entries(
    { client, baseline, signal }: RemoteQuery,
    view: BranchView,
  ): Promise<ReadonlyMap<string, RemoteEntry>> {
    if (view.head !== null && view.head === baseline.head && baseline.remote !== null) return baseline.remote;
    if (view.directoryTree === null) return new Map();
    return readEntries(client, view.repository.fullName, view.directoryTree, signal);
  }
}

/** True when the branch exists and the directory that mirrors the project does not. */
export function isDirectoryGone({ view }: RemoteBranch, directory: string): boolean {
  return view.head !== null && directory !== "" && view.directoryTree === null;
}

/** True when a branch was deleted without being merged into the commit at which it would be created again. */
async function isLost({ client, baseline, signal }: RemoteQuery, view: BranchView): Promise<boolean> {
  if (view.head !== null || baseline.entries.size === 0) return false;
  if (view.start === null || baseline.head === null) return true;
  const query = { client, repository: view.repository.fullName, base: baseline.head, head: view.start, signal };
  return (await findInHistory(query)) === null;
}
