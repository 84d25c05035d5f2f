import type { ProjectFiles } from "../../adapters/project-files.js";
import type { ProjectKey } from "../../domain/project-file.js";
import type { ProjectLink } from "../../domain/project-link.js";
import { MAX_LINKS_PER_USER } from "../../domain/project-link-limits.js";
import { projectSource } from "../../domain/sync-source.js";
import { GitHubSdkError } from "../../errors.js";
import type { AccessOptions, SyncAccess } from "../plan/sync-access.js";
import type { ParsedSyncRequest } from "../sync-request.js";
import type { LinkSyncServices } from "./link-syncs.js";

/** The services with which links are managed. */
export interface ProjectLinkServices extends Pick<LinkSyncServices, "apiUrl" | "links" | "clock"> {
  readonly projectFiles: ProjectFiles;
}

/** Creates, lists and removes the links of projects. */
export class ProjectLinks {
  readonly #services: ProjectLinkServices;
  readonly #access: SyncAccess;

  constructor(services: ProjectLinkServices, access: SyncAccess) {
    this.#services = services;
    this.#access = access;
  }

  /** Stores a link after checking what a sync with that request requires. */
  async put(request: ParsedSyncRequest, auto: boolean, access: AccessOptions): Promise<ProjectLink> {
    const { projectFiles, links, clock } = this.#services;
    const { project, direction, options } = request;
    await (await projectFiles.open(project, { signal: access.signal })).close();
    const { target, cached } = await this.#access.require(request, projectSource(project), access);
    const { fullName: repository } = cached.view.repository;
    const draft = { ...project, target, repository, direction, options, auto, createdAt: new Date(clock.now()) };
    return links.put(draft, { maxLinks: MAX_LINKS_PER_USER });
  }

  /** Returns the links of a project, oldest first. */
  list(project: ProjectKey): Promise<readonly ProjectLink[]> {
    return this.#services.links.ofProject(this.#services.apiUrl, project);
  }

  /** Removes the link to a branch. GitHub is not asked, so that a link to a deleted repository can be removed. */
  async remove(project: ProjectKey, repository: string, branch: string): Promise<void> {
    const name = repository.toLowerCase();
    const found = (await this.list(project)).filter(
      (link) => link.repository.toLowerCase() === name && link.target.branch === branch,
    );
    const removed = await Promise.all(found.map((link) => this.#services.links.remove(link)));
    if (removed.includes(true)) return;
    throw new GitHubSdkError(
      "link_not_found",
      `The project has no link to the branch "${branch}" of ${repository}. Check the links of the project.`,
    );
  }
}
