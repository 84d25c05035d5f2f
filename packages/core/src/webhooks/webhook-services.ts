import type { Clock } from "../adapters/clock.js";
import type { DeliveryStore } from "../adapters/delivery-store.js";
import type { InstallationStore } from "../adapters/installation-store.js";
import type { LinkStore } from "../adapters/link-store.js";
import type { LockStore } from "../adapters/lock-store.js";
import type { BranchMove, CommitOrigin } from "../domain/branch-move.js";
import type { Installation } from "../domain/installation.js";
import type { ProjectLink } from "../domain/project-link.js";
import type { ObjectId } from "../domain/repository.js";
import type { SyncHistoryEntry } from "../domain/sync-record.js";
import type { EventBus } from "../events.js";
import type { Credential } from "../github/credential.js";
import type { GitHubResponse } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { Logger } from "../logger.js";
import type { Secret } from "../secret.js";

/** The functions of the GitHub App with which webhooks read the current state from GitHub. */
export interface WebhookApp {
  readonly appId: number;
  /** Reads an installation from GitHub as the App; `null` when it no longer exists. */
  readonly readInstallation: (installationId: number) => Promise<Installation | null>;
  /** Returns an installation credential, restricted to the given permissions. */
  readonly credential: (request: {
    readonly installationId: number;
    readonly permissions: Readonly<Record<string, string>>;
  }) => Credential;
  /** Sends a request as the App itself. */
  readonly request: (
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ) => Promise<GitHubResponse>;
}

/** The current head of a branch. */
export interface PushedCommit {
  readonly repositoryId: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly commitId: ObjectId;
  /** The commit's full message. */
  readonly message: string;
}

/** The last completed sync of a branch. */
export type SyncedBranch = Pick<SyncHistoryEntry, "target" | "repository" | "commitId">;

/** The services that webhooks work with. Functions of connections, the App and syncs are passed in when the SDK is assembled. */
export interface WebhookServices {
  readonly apiUrl: string;
  /** The accepted secrets. To rotate, add the new secret before you remove the old one. When empty, see {@link allowUnsigned}. */
  readonly secrets: readonly Secret[];
  /** Accepts unsigned deliveries when there are no secrets. */
  readonly allowUnsigned: boolean;
  /** `null` when no GitHub App is configured. Events of installations and repositories are not handled then. */
  readonly app: WebhookApp | null;
  readonly clients: GitHubClients;
  readonly deliveries: DeliveryStore;
  readonly installations: InstallationStore;
  readonly locks: LockStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Runs the handlers of a delivery before it is answered, instead of from the store. */
  readonly inline: boolean;
  /** Recovers missed deliveries at start and every 10 minutes. */
  readonly sweep: boolean;
  /** The time limit of all handlers of one delivery with {@link inline}, in milliseconds. GitHub waits 10 seconds for a response. */
  readonly handlerTimeout: number;
  /** Returns the host user who is connected to a GitHub account, or `null`. */
  readonly accountOfGitHubUser: (githubUserId: number) => Promise<{ readonly userId: string } | null>;
  /** Checks every token of an account at GitHub and marks the revoked ones; `null` when no user is connected to the account. */
  readonly revokedByGitHub: (account: {
    readonly githubUserId: number;
  }) => Promise<{ readonly account: { readonly userId: string }; readonly revoked: boolean } | null>;
  /** Proves with the user's own token that the user owns an installation that the user requested, and binds it. */
  readonly proveRequester: (claim: { readonly userId: string; readonly installationId: number }) => Promise<void>;
  /** Returns the last completed sync of the branches that were synced last, at most `limit`. */
  readonly recentlySynced: (limit: number) => Promise<readonly SyncedBranch[]>;
  /** Returns the sync of this SDK that made the commit, or `null`. */
  readonly originOf: (commit: PushedCommit) => Promise<CommitOrigin | null>;
  readonly links: LinkStore;
  /** Starts the syncs of the links to a branch that moved. */
  readonly branchMoved: (move: BranchMove) => Promise<void>;
  /** Returns the credential of a link's owner. @throws GitHubSdkError `github_not_connected`, `reauth_required` */
  readonly credentialOf: (link: ProjectLink) => Promise<Credential>;
}
