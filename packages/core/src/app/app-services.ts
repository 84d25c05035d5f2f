import type { Clock } from "../adapters/clock.js";
import type { InstallationStore } from "../adapters/installation-store.js";
import type { TokenCache } from "../adapters/token-cache.js";
import type { AuthorizeWrite } from "../domain/authorize-write.js";
import type { CommitAuthor } from "../domain/commit-author.js";
import type { SyncConflict } from "../domain/conflict.js";
import type { ClientName } from "../domain/connection.js";
import type { GivenFile } from "../domain/project-file.js";
import type { ObjectId } from "../domain/repository.js";
import type { EventBus } from "../events.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { Logger } from "../logger.js";
import type { JwtSigner } from "./app-jwt.js";
import type { InstallationMembers } from "./installation-members.js";

/** The host's GitHub App. */
export interface AppIdentity {
  readonly appId: number;
  /** The last part of `https://github.com/apps/SLUG`; `null` when it is not configured. */
  readonly slug: string | null;
  readonly signer: JwtSigner;
}

/** A host user's GitHub account. */
export interface UserAccount {
  readonly githubUserId: number;
  readonly login: string;
}

/** A request to write files to a branch as an installation. */
export interface InstallationFilesRequest {
  readonly installationId: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly message: string;
  /** Contents by path; `null` deletes the file. */
  readonly files: ReadonlyMap<string, GivenFile | null>;
  /** `ours` overwrites changes on the branch; `fail` writes nothing when there are conflicts. */
  readonly strategy: "ours" | "fail";
  readonly author?: CommitAuthor | undefined;
  readonly coAuthors?: readonly CommitAuthor[] | undefined;
  /** Paths of files that may be sent to GitHub although they contain secrets. */
  readonly allowSecrets?: readonly string[] | undefined;
  /** Checks the user's rights again, right before the branch moves. @throws GitHubSdkError when they were withdrawn */
  readonly authorize: AuthorizeWrite;
  readonly signal: AbortSignal;
}

/** The result of writing files. */
export interface WrittenFiles {
  /** `null` when conflicts prevented the commit. */
  readonly commitId: ObjectId | null;
  readonly commitUrl: string | null;
  /** `owner/name`. */
  readonly repository: string;
  /** The address of the repository's page. */
  readonly repositoryUrl: string;
  /** The number of files written and deleted. */
  readonly files: number;
  readonly conflicts: readonly SyncConflict[];
}

/** Decides if a host user may use an installation. Replaces the proof of ownership at GitHub. */
export type AuthorizeInstallation = (claim: {
  readonly userId: string;
  readonly installationId: number;
}) => Promise<boolean>;

/** The services that the App works with. Functions of connections and syncs are passed in when the SDK is assembled. */
export interface AppServices {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly app: AppIdentity;
  readonly clients: GitHubClients;
  readonly installations: InstallationStore;
  readonly tokenCache: TokenCache;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns the GitHub account that the user is connected to, or `null`. */
  readonly account: (userId: string) => Promise<UserAccount | null>;
  /** Returns a credential of the user. @throws GitHubSdkError `github_not_connected`, `reauth_required` */
  readonly userCredential: (userId: string, client?: ClientName) => Promise<Credential>;
  /** Stores a state for the App's install page, and returns it. */
  readonly beginInstall: (request: {
    readonly userId: string;
    readonly state?: string;
    readonly browser?: string;
  }) => Promise<string>;
  readonly writeFiles: (request: InstallationFilesRequest) => Promise<WrittenFiles>;
  /** The host's own policy; `null` requires proof of ownership at GitHub. */
  readonly authorizeInstallation: AuthorizeInstallation | null;
  /** The users who may use an organization's installation when there is no own policy. */
  readonly installationMembers: InstallationMembers;
}
