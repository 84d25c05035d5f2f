import type { CommitAuthor } from "../domain/commit-author.js";
import type { Installation } from "../domain/installation.js";
import type { InstallationToken } from "../domain/installation-token.js";
import type { Credential } from "../github/credential.js";
import type { AppHealth } from "./app-health.js";
import type { AppManifest, AppManifestOptions } from "./app-manifest.js";
import type { AppRepository } from "./app-repository.js";
import type { WrittenFiles } from "./app-services.js";
import type { FilesToWrite } from "./files-to-write.js";
import type { InstallationRepositoryPage } from "./installation-repositories.js";
import type { PendingInstallation } from "./installation-requests.js";
import type { InstallationTokenRequest } from "./installation-tokens.js";
import type { NewRepository } from "./new-repository.js";

/** A host user's request to use an installation. It is a claim until ownership is proven. */
export interface InstallationClaim {
  readonly userId: string;
  readonly installationId: number;
}

/** A request to create a repository for a user. */
export type CreateRepositoryRequest = InstallationClaim &
  NewRepository & {
    /** The login of the installation's account, as the caller expects it. A different login is rejected. */
    readonly owner?: string;
    /**
     * The result when the account has a repository of this name: `fail` rejects with `repository_exists`, `use` returns the
     * existing repository if the installation can access it. Its settings stay as they are, except that `topics` are set when it
     * has none. Defaults to `fail`.
     */
    readonly ifExists?: "fail" | "use";
  };

/** The page of an installation's repositories. */
export interface InstallationRepositoryOptions {
  /** Starts at 1. Defaults to 1. */
  readonly page?: number;
  /** 1 to 100. Defaults to 30. */
  readonly perPage?: number;
}

/** A request to write files to a branch for a user. */
export interface FilesRequest extends InstallationClaim {
  /** `owner/name`. */
  readonly repository: string;
  /** Defaults to `main`. */
  readonly branch?: string;
  readonly message: string;
  readonly files: FilesToWrite;
  /** The author of the commit. Defaults to the App's bot, which stays the committer. */
  readonly author?: CommitAuthor | undefined;
  /** Co-authors, which the commit message names. */
  readonly coAuthors?: readonly CommitAuthor[] | undefined;
  /** Paths of files that may be sent to GitHub although they contain secrets. Other files with secrets fail the call with `secret_found`. */
  readonly allowSecrets?: readonly string[] | undefined;
}

/** A request to check what a user's token can access. */
export interface AccessQuery {
  readonly userToken: string;
  readonly installationId: number;
  /** `owner/name`. */
  readonly repository: string;
}

/** The access of a user's token to an installation and a repository. */
export interface AccessReport {
  readonly hasAccess: boolean;
  readonly installationFound: boolean;
  readonly repositoryAccessible: boolean;
}

/** A request for the address at which a user installs the App. */
export interface InstallLinkRequest {
  readonly userId: string;
  readonly state?: string;
  /** The `hash` of a browser binding. Set it when the browser itself will deliver the callback. */
  readonly browser?: string;
  /** The numeric ID of the account that GitHub preselects. */
  readonly suggestedTargetId?: number;
}

/** The addresses at which a user can install the App. */
export interface InstallLink {
  readonly installationUrl: string;
  readonly appName: string;
  /** The state of the request; `null` when it had none. */
  readonly state: string | null;
  readonly appUrl: string;
}

/**
 * Installation credentials that are issued without checking that any user owns the installation.
 *
 * Use them only where no user's input chooses the installation: in a script or job that works on an installation of your own.
 * For a request of a user, call {@link GitHubApp.token}, {@link GitHubApp.push} or {@link GitHubApp.sync} with that user's ID.
 */
export interface UncheckedApp {
  /** Returns an installation credential, restricted to the requested repositories and permissions. */
  credential(request: InstallationTokenRequest): Credential;
  /**
   * Returns an installation credential for one repository, with only the permissions that writing files requires.
   *
   * @param repository `owner/name`
   * @throws GitHubSdkError `installation_not_found`, `insufficient_permissions` when the installation does not include the repository
   */
  fileCredential(installationId: number, repository: string): Promise<Credential>;
}

/** The GitHub App. It acts for users who have proven that they own an installation. */
export interface GitHubApp {
  /** Credentials that skip the proof of ownership. See {@link UncheckedApp} before use. */
  readonly unchecked: UncheckedApp;
  /**
   * Returns all installations of this App that a user can see, with the given token or with the user's connection.
   *
   * @throws GitHubSdkError `github_not_connected`; `reauth_required`, also for a given token that GitHub rejects
   */
  installations(user: { readonly userId: string; readonly token?: string }): Promise<readonly Installation[]>;
  /**
   * Returns the installations that the user requested from the owners of an organization and that are not approved yet. GitHub sends
   * the user to the callback with `setup_action=request` after a request.
   *
   * @param visible the result of {@link installations} for the same user, in which an approved installation appears
   * @see https://docs.github.com/en/apps/using-github-apps/requesting-a-github-app-from-your-organization-owner
   */
  pendingInstallations(
    user: { readonly userId: string },
    visible: readonly Installation[],
  ): Promise<readonly PendingInstallation[]>;
  /**
   * Returns an installation token, restricted to the requested repositories and permissions.
   *
   * @throws GitHubSdkError `installation_not_yours`, `insufficient_permissions`
   */
  token(request: InstallationClaim & InstallationTokenRequest): Promise<InstallationToken>;
  /**
   * Returns one page of the repositories that the installation can access.
   *
   * @throws GitHubSdkError `installation_not_yours`, `validation_failed`
   */
  repositories(request: InstallationClaim & InstallationRepositoryOptions): Promise<InstallationRepositoryPage>;
  /**
   * Creates a repository in the installation's account: as the App in an organization, as the user in a personal account.
   *
   * @throws GitHubSdkError `installation_not_yours`, `validation_failed` with `details.option`, such as `owner` when it is not the
   * installation's account, `github_not_connected`, `repository_exists`, `repository_not_found` for a template that the
   * installation cannot read
   */
  createRepository(request: CreateRepositoryRequest): Promise<AppRepository>;
  /**
   * Writes files in one commit, overwriting changes on the branch.
   *
   * @throws GitHubSdkError `installation_not_yours`, `insufficient_permissions`, and the errors of a sync
   */
  push(request: FilesRequest): Promise<WrittenFiles>;
  /**
   * Writes files in one commit unless one of them was changed on the branch since this SDK last wrote it. Then it writes
   * nothing and returns the conflicts.
   *
   * @throws GitHubSdkError as {@link push}
   */
  sync(request: FilesRequest): Promise<WrittenFiles>;
  /** Checks that a user's token can see an installation, and a repository through it. An invalid token results in `false`. */
  validateAccess(query: AccessQuery): Promise<AccessReport>;
  /**
   * Returns the address at which a user installs the App. GitHub sends a given state back to the callback, where it works once.
   *
   * @throws GitHubSdkError `capability_not_configured` when `app.slug` is not set, `validation_failed`
   * @see https://docs.github.com/en/apps/sharing-github-apps/sharing-your-github-app
   */
  installUrl(request: InstallLinkRequest): Promise<InstallLink>;
  /**
   * Returns the manifest of a GitHub App with all permissions and events that the SDK uses. Without a configured App, call
   * the exported function `appManifest`.
   *
   * @throws GitHubSdkError `validation_failed` naming the option
   */
  manifest(options: AppManifestOptions): AppManifest;
  /** Returns the App's health, cached for 10 seconds. Never rejects. */
  health(): Promise<AppHealth>;
}
