import type { Clock } from "../adapters/clock.js";
import type { SyncTarget } from "../domain/repository.js";
import type { WriterName } from "../domain/sync-record.js";
import type { GitHubClient } from "../github/github-client.js";
import { RecentValues } from "../timing/recent-values.js";
import type { BranchView } from "./branch-view.js";

/** A cached view. Its heads and trees may be out of date. */
export interface CachedView {
  readonly view: BranchView;
  /** The time at which the view was read, in epoch milliseconds. */
  readonly headReadAt: number;
}

/** The branch and directory of a view. */
export type ViewPlace = Pick<SyncTarget, "branch" | "directory">;

const MAX_AGE_MS = 300_000;

/**
 * A cache of repository views and blocked writers, for five minutes and per credential, since credentials may see different
 * things. Each SDK instance has its own.
 */
export class RepositoryCache {
  readonly #views: RecentValues<CachedView>;
  readonly #blocked: RecentValues<ReadonlySet<WriterName>>;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#views = new RecentValues(clock, { maxAgeMs: MAX_AGE_MS });
    this.#blocked = new RecentValues(clock, { maxAgeMs: MAX_AGE_MS });
  }

  /** Returns the cached view, or `null` if there is none that is recent. */
  get(client: GitHubClient, repository: string, place: ViewPlace): CachedView | null {
    return this.#views.get(viewKey(client, repository, place));
  }

  /** Caches a view that was read now, in place of the previous one. */
  put(client: GitHubClient, repository: string, place: ViewPlace, view: BranchView): CachedView {
    const cached = { view, headReadAt: this.#clock.now() };
    this.#views.put(viewKey(client, repository, place), cached);
    return cached;
  }

  /** Removes the views of a repository for a credential, after GitHub reported it as missing or forbidden. */
  forget(client: GitHubClient, repository: string): void {
    this.#views.deletePrefix(repositoryKey(client, repository));
  }

  /** Returns the writers that could not reach GitHub while another one could. */
  blockedWriters(client: GitHubClient, repository: string): ReadonlySet<WriterName> {
    return this.#blocked.get(repositoryKey(client, repository)) ?? NO_WRITERS;
  }

  /** Records that a writer could not reach GitHub while another one could. */
  block(client: GitHubClient, repository: string, writer: WriterName): void {
    const others = this.blockedWriters(client, repository);
    this.#blocked.put(repositoryKey(client, repository), new Set([...others, writer]));
  }
}

const NO_WRITERS: ReadonlySet<WriterName> = new Set();

// GitHub's names ignore case; branches and directories do not.
function repositoryKey({ apiUrl, credential }: GitHubClient, repository: string): string {
  return `${JSON.stringify([apiUrl, credential.key, repository.toLowerCase()])}\n`;
}

function viewKey(client: GitHubClient, repository: string, { branch, directory }: ViewPlace): string {
  return repositoryKey(client, repository) + JSON.stringify([branch, directory]);
}
