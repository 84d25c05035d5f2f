import type { Clock } from "../adapters/clock.js";
import type { SyncTarget } from "../domain/repository.js";
import type { GitHubClient } from "../github/github-client.js";
import type { BranchView } from "./branch-view.js";

/** A view that was taken some time ago. What it says of heads and trees may be out of date. */
export interface CachedView {
  readonly view: BranchView;
  /** When it was taken: epoch milliseconds. */
  readonly headReadAt: number;
}

/** Where a view belongs, beside the credential and the repository. */
export type ViewPlace = Pick<SyncTarget, "branch" | "directory">;

const KEPT_FOR_MS = 300_000;
const KEPT_VIEWS = 1000;

/**
 * Keeps for five minutes what was learnt about a repository, per credential: another credential may see something else.
 * One belongs to each SDK instance.
 */
export class RepositoryCache {
  // In the order of their age: a map keeps the order in which keys were added.
  readonly #views = new Map<string, CachedView>();

  constructor(private readonly clock: Clock) {}

  /** The view that was put, unless it has grown too old. */
  get(client: GitHubClient, repository: string, place: ViewPlace): CachedView | null {
    const cached = this.#views.get(viewKey(client, repository, place));
    if (cached === undefined || this.clock.now() - cached.headReadAt > KEPT_FOR_MS) return null;
    return cached;
  }

  /** Keeps a view that was taken now, in place of the one before. */
  put(client: GitHubClient, repository: string, place: ViewPlace, view: BranchView): CachedView {
    const key = viewKey(client, repository, place);
    const cached = { view, headReadAt: this.clock.now() };
    this.#views.delete(key);
    this.#views.set(key, cached);
    for (const oldest of this.#views.keys()) {
      if (this.#views.size <= KEPT_VIEWS) break;
      this.#views.delete(oldest);
    }
    return cached;
  }

  /** Forgets what is known about a repository for a credential: for when GitHub said that it is not there or not allowed. */
  forget(client: GitHubClient, repository: string): void {
    const prefix = repositoryKey(client, repository);
    for (const key of this.#views.keys()) if (key.startsWith(prefix)) this.#views.delete(key);
  }
}

// GitHub's names ignore case; branches and directories do not.
function repositoryKey({ apiUrl, credential }: GitHubClient, repository: string): string {
  return `${JSON.stringify([apiUrl, credential.key, repository.toLowerCase()])}\n`;
}

function viewKey(client: GitHubClient, repository: string, { branch, directory }: ViewPlace): string {
  return repositoryKey(client, repository) + JSON.stringify([branch, directory]);
}
