import type { Clock } from "../../adapters/clock.js";
import type { Baseline } from "../../domain/baseline.js";
import type { ObjectId, RemoteEntry, SyncTarget } from "../../domain/repository.js";
import type { GitHubClient } from "../../github/github-client.js";
import { readEntries, readHead, viewBranch } from "../../repository/branch-reader.js";
import type { BranchView } from "../../repository/branch-view.js";
import { findInHistory } from "../../repository/comparison.js";
import type { CachedView, RepositoryCache } from "../../repository/repository-cache.js";

/** What a branch holds below a directory. */
export interface RemoteBranch {
  readonly view: BranchView;
  /** The validator of the ref, when it was read by itself. */
  readonly etag: string | null;
  /** Paths relative to the directory. */
  readonly entries: ReadonlyMap<string, RemoteEntry>;
  /** The branch is gone, and what was synced to it is not in the history of the commit that it would begin anew from. */
  readonly isLost: boolean;
}

/** What one look at a branch tells. */
type HeadReading = Pick<RemoteBranch, "view" | "etag">;

/** Which branch is read, and what is known of it. */
export interface RemoteQuery {
  readonly client: GitHubClient;
  /** `owner/name`. */
  readonly repository: string;
  readonly target: Pick<SyncTarget, "branch" | "directory">;
  readonly baseline: Baseline;
  readonly signal: AbortSignal;
}

// A view that was taken for this very sync is not taken twice.
const FRESH_FOR = 5_000;
// GitHub's reads may lag behind its writes for some seconds.
const LAG_IS_POSSIBLE_FOR = 60_000;
const LAG_READS = 5;
const LAG_WAIT = 1_000;

/**
 * Reads a branch with as few requests as what is remembered allows: one conditional request, or one query, when it has not
 * moved; one more for its entries when it has.
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
   * @param initialSnapshot a look that was taken for this very sync, which is not taken twice
   * @param again an earlier look of the same sync turned out to be out of date
   */
  async read(query: RemoteQuery, initialSnapshot: CachedView | null, again = false): Promise<RemoteBranch> {
    let state = this.#fresh(initialSnapshot, query.baseline) ?? (await this.#readHead(query, again));
    for (let look = 1; look < LAG_READS && this.#lags(state.view.head, query.baseline); look++) {
      await this.#clock.sleep(LAG_WAIT, query.signal);
      state = await this.#readHead(query, true);
    }
    const entries = await this.#entries(query, state.view);
    return { ...state, entries, isLost: await isLost(query, state.view) };
  }

  async #readHead(query: RemoteQuery, again: boolean): Promise<HeadReading> {
    const { client, repository, target, baseline, signal } = query;
    const cached = this.#cache.get(client, repository, target);
    if (cached !== null && !again) {
      const { head, rootTree } = baseline;
      if (head !== null && rootTree !== null && baseline.remote !== null) {
        const read = await readHead(client, cached.view.repository.fullName, target.branch, baseline.etag, signal);
        const unmoved = read.state === "unchanged" || (read.state === "read" && read.head === head);
        const etag = read.state === "read" ? read.etag : baseline.etag;
        if (unmoved) return { view: { ...cached.view, head, start: head, rootTree }, etag };
      }
    }
    const view = await viewBranch(client, repository, target.branch, target.directory, signal);
    this.#cache.put(client, repository, target, view);
    return { view, etag: null };
  }

  /** A sync that had to wait for others looks again: they may have moved the branch. */
  #fresh(look: CachedView | null, baseline: Baseline): HeadReading | null {
    if (look === null || look.headReadAt <= baseline.savedAt) return null;
    return this.#clock.now() - look.headReadAt <= FRESH_FOR ? { view: look.view, etag: null } : null;
  }

  /** Whether a read shows the head that this SDK itself has just moved on from. */
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

/** A branch that was merged and then removed is not lost; one that nobody took over is. */
async function isLost({ client, baseline, signal }: RemoteQuery, view: BranchView): Promise<boolean> {
  if (view.head !== null || baseline.entries.size === 0) return false;
  if (view.start === null || baseline.head === null) return true;
  const query = { client, repository: view.repository.fullName, base: baseline.head, head: view.start, signal };
  return (await findInHistory(query)) === null;
}
