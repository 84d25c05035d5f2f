import type { LinkLimit, LinkPage, LinkStore } from "../adapters/link-store.js";
import type { ProjectKey } from "../domain/project-file.js";
import {
  type ProjectLink,
  type ProjectLinkChange,
  type ProjectLinkDraft,
  type ProjectLinkKey,
  projectLinkText,
} from "../domain/project-link.js";
import { assertLinkOptionsSize, tooManyLinks } from "../domain/project-link-limits.js";
import type { BranchKey } from "../domain/repository.js";
import { parseTextCursor, textCursor } from "../domain/text-cursor.js";

/** A store of links in memory, for development and tests. Its content is lost when the process ends. */
export class MemoryLinkStore implements LinkStore {
  readonly #links = new Map<string, ProjectLink>();

  async put(draft: ProjectLinkDraft, { maxLinks }: LinkLimit): Promise<ProjectLink> {
    assertLinkOptionsSize(draft.options);
    const key = projectLinkText(draft);
    const stored = this.#links.get(key);
    if (stored === undefined && this.#filter(({ userId }) => userId === draft.userId).length >= maxLinks) {
      throw tooManyLinks(maxLinks);
    }
    const { createdAt, lastSyncId, head } = stored ?? { createdAt: draft.createdAt, lastSyncId: null, head: null };
    const { userId, projectId, target, repository, direction, options, auto } = draft;
    const link = { userId, projectId, target, repository, direction, options, auto, createdAt, lastSyncId, head };
    this.#links.set(key, structuredClone(link));
    return structuredClone(link);
  }

  async ofProject(apiUrl: string, { userId, projectId }: ProjectKey): Promise<readonly ProjectLink[]> {
    return this.#filter(
      (link) => link.target.apiUrl === apiUrl && link.userId === userId && link.projectId === projectId,
    ).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  }

  async ofBranch(branch: BranchKey, limit: number, cursor: string | null): Promise<LinkPage> {
    const isOnBranch = ({ target }: ProjectLink): boolean =>
      target.apiUrl === branch.apiUrl && target.repositoryId === branch.repositoryId && target.branch === branch.branch;
    return this.#page(isOnBranch, limit, cursor);
  }

  async automatic(apiUrl: string, limit: number, cursor: string | null): Promise<LinkPage> {
    return this.#page(({ auto, target }) => auto && target.apiUrl === apiUrl, limit, cursor);
  }

  async update(link: ProjectLinkKey, { lastSyncId, head }: ProjectLinkChange): Promise<boolean> {
    const key = projectLinkText(link);
    const stored = this.#links.get(key);
    if (stored === undefined) return false;
    this.#links.set(key, {
      ...stored,
      lastSyncId: lastSyncId === undefined ? stored.lastSyncId : lastSyncId,
      head: head === undefined ? stored.head : head,
    });
    return true;
  }

  async remove(link: ProjectLinkKey): Promise<boolean> {
    return this.#links.delete(projectLinkText(link));
  }

  async renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number> {
    const links = this.#ofRepository(apiUrl, repositoryId);
    for (const link of links) this.#links.set(projectLinkText(link), { ...link, repository: fullName });
    return links.length;
  }

  async removeRepository(apiUrl: string, repositoryId: number): Promise<number> {
    const links = this.#ofRepository(apiUrl, repositoryId);
    for (const link of links) this.#links.delete(projectLinkText(link));
    return links.length;
  }

  #ofRepository(apiUrl: string, repositoryId: number): readonly ProjectLink[] {
    return this.#filter(({ target }) => target.apiUrl === apiUrl && target.repositoryId === repositoryId);
  }

  #page(matches: (link: ProjectLink) => boolean, limit: number, cursor: string | null): LinkPage {
    const [after = ""] = cursor === null ? [] : parseTextCursor(cursor, 1);
    const rest = this.#filter((link) => matches(link) && projectLinkText(link) > after).sort((a, b) =>
      projectLinkText(a) < projectLinkText(b) ? -1 : 1,
    );
    const links = rest.slice(0, limit);
    const last = links.at(-1);
    const hasMore = last !== undefined && rest.length > limit;
    return { links, nextCursor: hasMore ? textCursor([projectLinkText(last)]) : null };
  }

  #filter(matches: (link: ProjectLink) => boolean): ProjectLink[] {
    return [...this.#links.values()].filter(matches).map((link) => structuredClone(link));
  }
}
