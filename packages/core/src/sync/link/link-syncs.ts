import type { Clock } from "../../adapters/clock.js";
import type { JobRunner } from "../../adapters/job-runner.js";
import type { LinkStore } from "../../adapters/link-store.js";
import type { SyncRecordStore } from "../../adapters/sync-record-store.js";
import type { BranchMove, CommitOrigin } from "../../domain/branch-move.js";
import type { ProjectLink } from "../../domain/project-link.js";
import { syncTargetText } from "../../domain/repository.js";
import type { SyncRecord } from "../../domain/sync-record.js";
import { isGitHubSdkError } from "../../errors.js";
import type { EventBus } from "../../events.js";
import type { Logger } from "../../logger.js";
import { joinPending } from "../record/join-pending.js";
import { SyncHints } from "../run/sync-hints.js";

/** The services with which links start syncs. */
export interface LinkSyncServices {
  readonly apiUrl: string;
  readonly links: LinkStore;
  readonly records: SyncRecordStore;
  readonly jobs: JobRunner;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The maximum number of pending syncs of one user. */
  readonly maxPendingSyncs: number;
}

const LINKS_AT_ONCE = 100;
// Pushes often come in bursts: one sync carries all of them.
const DELAY_MS = 2_000;
// A hint that comes too early is repeated a second later.
const MARGIN_MS = 50;

/** Starts the syncs of links when their branches move. */
export class LinkSyncs {
  readonly #services: LinkSyncServices;
  readonly #hints: SyncHints;

  constructor(services: LinkSyncServices) {
    this.#services = services;
    this.#hints = new SyncHints(services);
  }

  /**
   * Starts a sync for each automatic link to the branch, unless the link took the head into account before or its own sync made the
   * head. Calling it twice for one head is safe.
   *
   * @throws GitHubSdkError `store_failed`; links that come before the failure are not repeated by the next call
   */
  async branchMoved(move: BranchMove): Promise<void> {
    const { apiUrl, links } = this.#services;
    const branch = { apiUrl, repositoryId: move.repositoryId, branch: move.branch };
    let cursor: string | null = null;
    do {
      const page = await links.ofBranch(branch, LINKS_AT_ONCE, cursor);
      for (const link of page.links) await this.#follow(link, move);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  async #follow(link: ProjectLink, { head, repository, origin }: BranchMove): Promise<void> {
    const { apiUrl, links, bus } = this.#services;
    const { userId, projectId, target } = link;
    if (link.repository !== repository) await links.renameRepository(apiUrl, target.repositoryId, repository);
    if (link.head === head) return;
    // A deletion must not change a project, and the branch must not be created again.
    const isNews = head !== null && (origin === null || !isOfLink(origin, link));
    if (isNews && link.auto) {
      const record = await this.#submit(link, repository);
      // One sync too many waits: the next comparison of heads tries again.
      if (record === null) return;
      await links.update(link, { head, lastSyncId: record.id });
    } else await links.update(link, { head });
    if (isNews) bus.emit("repository.changed", { userId, projectId, repository, branch: target.branch, head });
  }

  /** The right to the repository is checked when the sync runs, so that its record tells the user when it is lost. */
  async #submit(link: ProjectLink, repository: string): Promise<SyncRecord | null> {
    const { records, clock, logger, maxPendingSyncs } = this.#services;
    const { userId, projectId, target, options, direction } = link;
    const now = clock.now();
    const sync = { userId, projectId, target, repository, options, direction, priority: "background" } as const;
    const times = { createdAt: new Date(now), notBefore: new Date(now + DELAY_MS) };
    try {
      const draft = { ...sync, ...times };
      const joined = await joinPending(records, draft);
      const record = joined ?? (await records.create(draft, { maxPending: maxPendingSyncs }));
      await this.#hints.submit(record.id, DELAY_MS + MARGIN_MS);
      return record;
    } catch (error) {
      if (!isGitHubSdkError(error, "too_many_pending_syncs")) throw error;
      logger.warn("A link could not start a sync.", { userId, projectId, repository, error });
      return null;
    }
  }
}

/** True when a sync of the link's own project made the commit, and no commit before it is unknown to the project. */
function isOfLink(origin: CommitOrigin, link: ProjectLink): boolean {
  if (syncTargetText(origin.target) !== syncTargetText(link.target)) return false;
  const carriesBoth = origin.direction === "two_way" || origin.direction === link.direction;
  return carriesBoth || link.head === null || link.head === origin.parent;
}
