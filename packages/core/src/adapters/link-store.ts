import type { ProjectKey } from "../domain/project-file.js";
import type { ProjectLink, ProjectLinkChange, ProjectLinkDraft, ProjectLinkKey } from "../domain/project-link.js";
import type { BranchKey } from "../domain/repository.js";

/** A page of links, in an order that no change affects. */
export interface LinkPage {
  readonly links: readonly ProjectLink[];
  /** An opaque cursor of the next page, or `null` on the last page. */
  readonly nextCursor: string | null;
}

/** A limit on the links of one user. */
export interface LinkLimit {
  /** The maximum number of the user's links, including the new one. */
  readonly maxLinks: number;
}

/**
 * A store of the links between projects and branches. A link is identified by its project (the `source` of its target), its
 * repository and its branch.
 *
 * Atomicity: concurrent calls of `put` for one link store one link. `update` never creates a link, so that a removed one does not
 * come back. `maxLinks` may be exceeded by the number of concurrent calls for one user.
 *
 * Lists skip links that cannot be decoded, because they are damaged or of a newer version.
 */
export interface LinkStore {
  /**
   * Stores a link, or replaces the fields of the draft in the stored one, which keeps its `createdAt`, `lastSyncId` and `head`.
   * Resolves to the stored link.
   *
   * @throws GitHubSdkError `input_too_large` when the options exceed 64 KiB; `too_many_links` when it would be a new link and the
   * user has `maxLinks` links
   */
  put(link: ProjectLinkDraft, limit: LinkLimit): Promise<ProjectLink>;
  /** Resolves to the links of a project to repositories of a GitHub API, oldest first. */
  ofProject(apiUrl: string, project: ProjectKey): Promise<readonly ProjectLink[]>;
  /** Resolves to at most `limit` links to a branch, of all projects, after a cursor; `null` for the first page. */
  ofBranch(branch: BranchKey, limit: number, cursor: string | null): Promise<LinkPage>;
  /** Resolves to at most `limit` links with `auto` to repositories of a GitHub API, after a cursor; `null` for the first page. */
  automatic(apiUrl: string, limit: number, cursor: string | null): Promise<LinkPage>;
  /** Writes a change of a stored link. Resolves to `false` when there is no such link. */
  update(link: ProjectLinkKey, change: ProjectLinkChange): Promise<boolean>;
  /** Deletes a link. Resolves to `false` when there is no such link. */
  remove(link: ProjectLinkKey): Promise<boolean>;
  /** Stores the current `owner/name` of a repository in all its links. Resolves to their number. */
  renameRepository(apiUrl: string, repositoryId: number, fullName: string): Promise<number>;
  /** Deletes all links to a repository. Resolves to their number. */
  removeRepository(apiUrl: string, repositoryId: number): Promise<number>;
}
