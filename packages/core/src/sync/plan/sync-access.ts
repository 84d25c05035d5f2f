import type { SyncTarget } from "../../domain/repository.js";
import { GitHubSdkError } from "../../errors.js";
import type { GitHubClient } from "../../github/github-client.js";
import { type GitHubClients, interactiveClients } from "../../github/github-clients.js";
import { viewBranch } from "../../repository/branch-reader.js";
import type { BranchView } from "../../repository/branch-view.js";
import type { CachedView, RepositoryCache } from "../../repository/repository-cache.js";
import type { CredentialLookup } from "../record/sync-owner.js";
import type { ParsedSyncRequest } from "../sync-request.js";

/** The clients and the cache with which branches are read. */
export interface SyncAccessServices {
  readonly apiUrl: string;
  readonly clients: GitHubClients;
  readonly credentialFor: CredentialLookup;
  readonly repositories: RepositoryCache;
}

/** A branch as the owner of a requested sync sees it. */
export interface BranchSnapshot {
  readonly client: GitHubClient;
  readonly cached: CachedView;
  /** False when the snapshot comes from the cache. */
  readonly isNew: boolean;
  readonly target: SyncTarget;
}

/** The options of reading a branch. */
export interface AccessOptions {
  readonly signal: AbortSignal;
  /** True when a person waits: the reading waits at most 5 seconds for a rate limit. */
  readonly isInteractive: boolean;
}

/** Checks before a sync is created that its repository exists and that the sync is allowed to write to the branch. */
export class SyncAccess {
  readonly #services: SyncAccessServices;

  constructor(services: SyncAccessServices) {
    this.#services = services;
  }

  /** Returns the repository and the branch as the sync's owner sees them; cached for some minutes. */
  async snapshot(request: ParsedSyncRequest, source: string, options: AccessOptions): Promise<BranchSnapshot> {
    const { apiUrl, credentialFor, repositories } = this.#services;
    const { project, repository, branch, directory } = request;
    const { signal, isInteractive } = options;
    const clients = isInteractive ? interactiveClients(this.#services.clients) : this.#services.clients;
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
   * Returns a snapshot of a branch that the sync is allowed to write to, or to pull from. A cached snapshot is read again before it is a
   * reason to reject.
   *
   * @throws GitHubSdkError `insufficient_permissions`, `branch_protected`, `branch_not_found`
   */
  async require(request: ParsedSyncRequest, source: string, options: AccessOptions): Promise<BranchSnapshot> {
    const snapshot = await this.snapshot(request, source, options);
    try {
      assertPermitted(request, snapshot.cached.view);
      return snapshot;
    } catch (error) {
      this.#services.repositories.forget(snapshot.client, request.repository);
      if (snapshot.isNew) throw error;
      return this.require(request, source, options);
    }
  }
}

function assertPermitted(
  { options, direction, branch, bypassRules }: ParsedSyncRequest,
  { repository, permissions, head }: BranchView,
): void {
  if (direction === "pull") {
    if (head !== null) return;
    throw new GitHubSdkError("branch_not_found", `${repository.fullName} has no branch "${branch}" to pull from.`);
  }
  if (permissions.canPush === false) {
    throw new GitHubSdkError(
      "insufficient_permissions",
      `The credential can read ${repository.fullName} but cannot write to it. Grant it write access to the repository's contents.`,
    );
  }
  if (options.strategy === "pull_request") {
    if (head !== null) return;
    throw new GitHubSdkError(
      "branch_not_found",
      `${repository.fullName} has no branch "${branch}" to open a pull request against. Create the branch first.`,
    );
  }
  if (
    permissions.blockingRule !== null &&
    !bypassRules &&
    !(options.protectedBranch === "pull_request" && head !== null)
  ) {
    throw new GitHubSdkError(
      "branch_protected",
      `The rule "${permissions.blockingRule}" of "${branch}" forbids direct pushes. ${options.reverts === undefined ? AROUND_A_RULE : AROUND_A_RULE_WHEN_REVERTING}`,
      { details: { rule: permissions.blockingRule } },
    );
  }
}

const AROUND_A_RULE =
  'Set `strategy` to "pull_request"; or, if the credential is on the rule\'s bypass list, set `bypassRules`.';
const AROUND_A_RULE_WHEN_REVERTING = "Revert the sync's commit in a pull request on GitHub.";
