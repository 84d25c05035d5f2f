import type { Clock } from "../adapters/clock.js";
import type { SyncTarget } from "../domain/repository.js";
import type { WriterName } from "../domain/sync-record.js";
import type { GitHubClient } from "../github/github-client.js";
import { RecentValues } from "../timing/recent-values.js";
import type { BranchView } from "./branch-view.js";

/** A view that was taken some time ago. What it says of heads and trees may be out of date. */
export interface CachedView {
  readonly view: BranchView;
  /** When it was taken: epoch milliseconds. */
  readonly headReadAt: number;
}

/** Where a view belongs, beside the credential and the repository. */
export type ViewPlace = Pick<SyncTarget, "branch" | "directory">;

const MAX_AGE_MS = 300_000;

/**
 * Keeps for five minutes what was learnt about a repository, per credential: another credential may see something else.
 * One belongs to each SDK instance.
 */
export class RepositoryCache {
  readonly #views: RecentValues<CachedView>;
  readonly #blocked: RecentValues<ReadonlySet<WriterName>>;

  constructor(private readonly clock: Clock) {
    this.#views = new RecentValues(clock, { maxAgeMs: MAX_AGE_MS });
    this.#blocked = new RecentValues(clock, { maxAgeMs: MAX_AGE_MS });
  }

  /** The view that was put, unless it has grown too old. */
  get(client: GitHubClient, repository: string, place: ViewPlace): CachedView | null {
    return this.#views.get(viewKey(client, repository, place));
  }

  /** Keeps a view that was taken now, in place of the one before. */
  put(client: GitHubClient, repository: string, place: ViewPlace, view: BranchView): CachedView {
    const cached = { view, headReadAt: this.clock.now() };
    this.#views.put(viewKey(client, repository, place), cached);
    return cached;
  }

  /** Forgets the views of a repository for a credential: for when GitHub said that it is not there or not allowed. */
  forget(client: GitHubClient, repository: string): void {
    this.#views.deletePrefix(repositoryKey(client, repository));
  }

  /** The writers that did not get through to GitHub, while another one did. */
  blockedWriters(client: GitHubClient, repository: string): ReadonlySet<WriterName> {
    return this.#blocked.get(repositoryKey(client, repository)) ?? NO_WRITERS;
  }

  /** Remembers that a writer did not get through to GitHub now, while another one did. */
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
