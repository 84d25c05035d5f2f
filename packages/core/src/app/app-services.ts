import type { Clock } from "../adapters/clock.js";
import type { InstallationStore } from "../adapters/installation-store.js";
import type { SyncConflict } from "../domain/conflict.js";
import type { ClientName } from "../domain/connection.js";
import type { GivenFile } from "../domain/project-file.js";
import type { ObjectId } from "../domain/repository.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { Logger } from "../logger.js";
import type { Secret } from "../secret.js";

/** The GitHub App that this host is. */
export interface AppIdentity {
  readonly appId: number;
  /** The last part of `https://github.com/apps/SLUG`; `null` when the host did not say. */
  readonly slug: string | null;
  /** PKCS#8 PEM. */
  readonly privateKey: Secret;
}

/** A host user's GitHub account, as far as the App has to know it. */
export interface UserAccount {
  readonly githubUserId: number;
  readonly login: string;
}

/** Files to put on a branch in the name of an installation. */
export interface InstallationFilesRequest {
  readonly installationId: number;
  /** `owner/name`. */
  readonly repository: string;
  readonly branch: string;
  readonly message: string;
  /** By path; `null` deletes. */
  readonly files: ReadonlyMap<string, GivenFile | null>;
  /** `ours` writes over whatever is there; `fail` stops at what somebody else changed. */
  readonly strategy: "ours" | "fail";
  readonly signal: AbortSignal;
}

/** What became of files that were to be written. */
export interface WrittenFiles {
  /** `null` when conflicts stood in the way. */
  readonly commitId: ObjectId | null;
  readonly commitUrl: string | null;
  /** `owner/name`. */
  readonly repository: string;
  /** The repository's page. */
  readonly repositoryUrl: string;
  /** Files written and deleted. */
  readonly files: number;
  readonly conflicts: readonly SyncConflict[];
}

/** Decides whether a host user may use an installation, in place of the proof that GitHub gives. */
export type AuthorizeInstallation = (claim: {
  readonly userId: string;
  readonly installationId: number;
}) => Promise<boolean>;

/** Everything that the App works with. What belongs to connections and to syncs is handed in by whoever assembles the SDK. */
export interface AppServices {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly app: AppIdentity;
  readonly clients: GitHubClients;
  readonly installations: InstallationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The GitHub account that the user is connected to, or `null`. */
  readonly account: (userId: string) => Promise<UserAccount | null>;
  /** @throws GitHubSdkError `github_not_connected`, `reauth_required` */
  readonly userCredential: (userId: string, client?: ClientName) => Promise<Credential>;
  /** Keeps a state that comes back from the App's install page, and gives it. */
  readonly beginInstall: (request: {
    readonly userId: string;
    readonly state?: string;
    readonly browser?: string;
  }) => Promise<string>;
  readonly writeFiles: (request: InstallationFilesRequest) => Promise<WrittenFiles>;
  /** `null`: the proof that GitHub gives decides. */
  readonly authorizeInstallation: AuthorizeInstallation | null;
}
