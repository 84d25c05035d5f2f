import type { SyncTarget } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import type { GitHubClient } from "../github/github-client.js";
import { viewBranch } from "../repository/branch-reader.js";
import type { BranchView } from "../repository/branch-view.js";
import type { CachedView } from "../repository/repository-cache.js";
import type { ParsedSyncRequest } from "./sync-request.js";
import type { SyncServices } from "./sync-services.js";

/** A look at a branch in the name of who asks for a sync. */
export interface BranchSnapshot {
  readonly client: GitHubClient;
  readonly cached: CachedView;
  /** It was taken just now. */
  readonly isNew: boolean;
  readonly target: SyncTarget;
}

/** Looks at repositories before there is a sync: whether they are there, and whether the sync may be made. */
export class SyncAccess {
  readonly #services: Pick<SyncServices, "apiUrl" | "clients" | "credentialFor" | "repositories">;

  constructor(services: Pick<SyncServices, "apiUrl" | "clients" | "credentialFor" | "repositories">) {
    this.#services = services;
  }

  /** The repository and the branch as the sync's owner sees them; remembered for some minutes. */
  async snapshot(request: ParsedSyncRequest, source: string, signal: AbortSignal): Promise<BranchSnapshot> {
    const { apiUrl, clients, credentialFor, repositories } = this.#services;
    const { project, repository, branch, directory } = request;
    const client = clients.for(await credentialFor({ userId: project.userId, source, repository }));
    const place = { branch, directory };
    const known = repositories.get(client, repository, place);
    const cached =
      known ??
      repositories.put(client, repository, place, await viewBranch(client, repository, branch, directory, signal));
    const target = { apiUrl, repositoryId: cached.view.repository.id, branch, source, directory };
    return { client, cached, isNew: known === null, target };
  }

  /**
   * A look that says that the sync may be made. What was remembered for minutes refuses nothing: it is looked at anew.
   *
   * @throws GitHubSdkError `insufficient_permissions`, `branch_protected`, `branch_not_found`
   */
  async requireWritable(request: ParsedSyncRequest, source: string, signal: AbortSignal): Promise<BranchSnapshot> {
    const snapshot = await this.snapshot(request, source, signal);
    try {
      assertMayWrite(request, snapshot.cached.view);
      return snapshot;
    } catch (error) {
      this.#services.repositories.forget(snapshot.client, request.repository);
      if (snapshot.isNew) throw error;
      return this.requireWritable(request, source, signal);
    }
  }
}

/** The source of a project's own files. */
export function sourceOf({ userId, projectId }: ParsedSyncRequest["project"]): string {
  return `project:${userId}/${projectId}`;
}

function assertMayWrite(
  { options, branch, bypassRules }: ParsedSyncRequest,
  { repository, permissions, head }: BranchView,
): void {
  if (permissions.canPush === false) {
    throw new GitHubSdkError(
      "insufficient_permissions",
      `The credential may read ${repository.fullName} but not write to it. Grant it write access to the repository's contents.`,
    );
  }
  if (options.strategy === "pull_request") {
    if (head !== null) return;
    throw new GitHubSdkError(
      "branch_not_found",
      `${repository.fullName} has no branch "${branch}" that a pull request could go to.`,
    );
  }
  if (permissions.blockingRule !== null && !bypassRules) {
    throw new GitHubSdkError(
      "branch_protected",
      `The rule "${permissions.blockingRule}" of "${branch}" forbids direct pushes. Use the strategy "pull_request"; or, if the credential is on the rule's bypass list, set bypassRules.`,
      { details: { rule: permissions.blockingRule } },
    );
  }
}
