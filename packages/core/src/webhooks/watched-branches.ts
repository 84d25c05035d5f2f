import type { ProjectLink } from "../domain/project-link.js";
import type { ObjectId } from "../domain/repository.js";
import type { WebhookServices } from "./webhook-services.js";

/** A branch whose head is compared. */
export interface WatchedBranch {
  readonly repositoryId: number;
  readonly branch: string;
  /** `owner/name` as it was last known. */
  readonly repository: string;
  /** The head after the last sync of the branch; `null` when it is unknown. */
  readonly commitId: ObjectId | null;
  /** The automatic links to the branch. */
  readonly links: readonly ProjectLink[];
}

const MAX_SYNCED = 100;
const MAX_LINKS = 1_000;
const LINKS_AT_ONCE = 100;

/** The branches that were synced last, and the branches of automatic links. */
export class WatchedBranches {
  readonly #services: Pick<WebhookServices, "apiUrl" | "links" | "recentlySynced">;
  /** The page of links that the next call begins with. */
  #cursor: string | null = null;

  constructor(services: Pick<WebhookServices, "apiUrl" | "links" | "recentlySynced">) {
    this.#services = services;
  }

  /** Returns the last 100 synced branches and the branches of the next 1,000 links. The calls take turns through all links. */
  async next(): Promise<readonly WatchedBranch[]> {
    const watched = new Map<string, WatchedBranch>();
    for (const { target, repository, commitId } of await this.#services.recentlySynced(MAX_SYNCED)) {
      const { repositoryId, branch } = target;
      watched.set(watchKey(target), { repositoryId, branch, repository, commitId, links: [] });
    }
    for (const link of await this.#nextLinks()) {
      const { target, repository } = link;
      const { repositoryId, branch } = target;
      const known = watched.get(watchKey(target)) ?? { repositoryId, branch, repository, commitId: null, links: [] };
      watched.set(watchKey(target), { ...known, links: [...known.links, link] });
    }
    return [...watched.values()];
  }

  async #nextLinks(): Promise<readonly ProjectLink[]> {
    const { apiUrl, links } = this.#services;
    const next: ProjectLink[] = [];
    do {
      const page = await links.automatic(apiUrl, LINKS_AT_ONCE, this.#cursor);
      next.push(...page.links);
      this.#cursor = page.nextCursor;
    } while (this.#cursor !== null && next.length < MAX_LINKS);
    return next;
  }
}

/** Returns a text that identifies a branch of this GitHub. */
export function watchKey({ repositoryId, branch }: Pick<WatchedBranch, "repositoryId" | "branch">): string {
  return `${repositoryId} ${branch}`;
}
