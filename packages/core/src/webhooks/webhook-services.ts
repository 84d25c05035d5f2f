import type { Clock } from "../adapters/clock.js";
import type { DeliveryStore } from "../adapters/delivery-store.js";
import type { InstallationStore } from "../adapters/installation-store.js";
import type { Installation } from "../domain/installation.js";
import type { ObjectId } from "../domain/repository.js";
import type { EventBus } from "../events.js";
import type { Credential } from "../github/credential.js";
import type { GitHubResponse } from "../github/github-client.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { Logger } from "../logger.js";
import type { Secret } from "../secret.js";

/** The GitHub App, as far as webhooks need it to see what is true at GitHub now. */
export interface WebhookApp {
  readonly appId: number;
  /** The installation as GitHub shows it now; `null` when it is gone. Asked as the App. */
  readonly readInstallation: (installationId: number) => Promise<Installation | null>;
  /** What requests in the name of an installation are made with, narrowed to those permissions. */
  readonly credential: (request: {
    readonly installationId: number;
    readonly permissions: Readonly<Record<string, string>>;
  }) => Credential;
  /** Makes a request as the App itself. */
  readonly request: (
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ) => Promise<GitHubResponse>;
  /** Forgets the tokens of an installation that was withdrawn or whose permissions changed. */
  readonly forget: (installationId: number) => void;
}

/** The commit that a branch has now. */
export interface PushedCommit {
  readonly repositoryId: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly commitId: ObjectId;
  /** The whole message of the commit. */
  readonly message: string;
}

/** Everything that webhooks work with. What belongs to connections, the App and syncs is handed in by whoever assembles the SDK. */
export interface WebhookServices {
  readonly apiUrl: string;
  /** Each of them signs: a new one is added before the old one goes. None: see {@link allowUnsigned}. */
  readonly secrets: readonly Secret[];
  /** Whether deliveries are taken without a signature while there is no secret. */
  readonly allowUnsigned: boolean;
  /** `null`: no GitHub App is configured; what is about installations and repositories is not handled then. */
  readonly app: WebhookApp | null;
  readonly clients: GitHubClients;
  readonly deliveries: DeliveryStore;
  readonly installations: InstallationStore;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds that the handlers of one delivery may take: GitHub waits for 10 seconds in all. */
  readonly handlerTimeout: number;
  /** The host user whom a GitHub account is connected to, or `null`. */
  readonly accountOfGitHubUser: (githubUserId: number) => Promise<{ readonly userId: string } | null>;
  /** Asks GitHub about every token of an account and marks those that it no longer takes; `null` when it is nobody's. */
  readonly revokedByGitHub: (account: {
    readonly githubUserId: number;
  }) => Promise<{ readonly account: { readonly userId: string }; readonly revoked: boolean } | null>;
  /** Whether a sync of this SDK made the commit. */
  readonly isOwnCommit: (commit: PushedCommit) => Promise<boolean>;
}
