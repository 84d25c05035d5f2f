import { defined } from "../defined.js";
import type { ClientName } from "../domain/connection.js";
import type { Installation } from "../domain/installation.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { type Credential, tokenCredential } from "../github/credential.js";
import { AppClient } from "./app-client.js";
import { type AppHealth, AppHealthProbe } from "./app-health.js";
import type { AppServices, InstallationFilesRequest, WrittenFiles } from "./app-services.js";
import { FileCredentials } from "./file-credentials.js";
import { type FilesToWrite, parseFilesToWrite } from "./files-to-write.js";
import { InstallationAccess } from "./installation-access.js";
import { type InstallationToken, type InstallationTokenRequest, InstallationTokens } from "./installation-tokens.js";
import { KnownInstallations } from "./known-installations.js";
import { type CreatedRepository, createRepository, type NewRepository } from "./repository-creation.js";
import { UserInstallations } from "./user-installations.js";

/** Who wants something of which installation. */
export interface InstallationClaim {
  readonly userId: string;
  readonly installationId: number;
}

/** A repository to be made for a user. */
export type CreateRepositoryRequest = InstallationClaim &
  NewRepository & {
    /** The account that the caller takes the installation's to be; another one is refused. */
    readonly owner?: string;
  };

/** Files that a user wants on a branch. */
export interface FilesRequest extends InstallationClaim {
  /** `owner/name`. */
  readonly repository: string;
  /** `main` unless told. */
  readonly branch?: string;
  readonly message: string;
  readonly files: FilesToWrite;
}

/** What is true of a user, an installation and a repository. */
export interface AccessReport {
  readonly hasAccess: boolean;
  readonly installationFound: boolean;
  readonly repositoryAccessible: boolean;
}

/** Where the App can be installed. */
export interface InstallLink {
  readonly installationUrl: string;
  readonly appName: string;
  /** `null` unless the caller gave one. */
  readonly state: string | null;
  readonly appUrl: string;
}

/** Acts as a GitHub App, for users whose installations are proved to be theirs. */
export class AppEngine {
  readonly #services: AppServices;
  readonly #client: AppClient;
  readonly #tokens: InstallationTokens;
  readonly #installations: KnownInstallations;
  readonly #files: FileCredentials;
  readonly #access: InstallationAccess;
  readonly #health: AppHealthProbe;
  readonly #closing = new AbortController();

  constructor(services: AppServices) {
    const { app, clients, clock } = services;
    this.#services = services;
    this.#client = new AppClient(app, clients, clock);
    this.#tokens = new InstallationTokens(this.#client, clock, this.#closing.signal);
    this.#installations = new KnownInstallations(services, this.#client, this.#closing.signal);
    this.#files = new FileCredentials(this.#installations, this.#tokens);
    this.#access = new InstallationAccess(services);
    this.#health = new AppHealthProbe(this.#client, app.appId, clock);
  }

  /**
   * The installations of this App that a user can see, on all pages: by the token that is given, else by the user's connection.
   *
   * @throws GitHubSdkError `github_not_connected`, `reauth_required` also for a given token that GitHub does not take
   */
  async installations(user: { readonly userId: string; readonly token?: string }): Promise<readonly Installation[]> {
    const credential =
      user.token === undefined ? await this.#services.userCredential(user.userId, "app") : givenCredential(user.token);
    return this.#asUser(credential).list(this.#closing.signal);
  }

  /**
   * A token of an installation, narrowed as asked.
   *
   * @throws GitHubSdkError `installation_not_yours`, `insufficient_permissions`
   */
  async token({ userId, ...request }: InstallationClaim & InstallationTokenRequest): Promise<InstallationToken> {
    await this.#access.require(userId, request.installationId, this.#closing.signal);
    return this.#tokens.get(request);
  }

  /**
   * Makes a repository in the account where the App is installed: in an organization as the App, in a personal account as the user.
   *
   * @throws GitHubSdkError `installation_not_yours`, `validation_failed` for another owner, `github_not_connected`, `repository_exists`
   */
  async createRepository(request: CreateRepositoryRequest): Promise<CreatedRepository> {
    const { userId, installationId, owner } = request;
    const { signal } = this.#closing;
    await this.#access.require(userId, installationId, signal);
    const installation = await this.#installations.fetch(installationId);
    if (owner !== undefined && owner.toLowerCase() !== installation.account.login.toLowerCase()) {
      throw new GitHubSdkError(
        "validation_failed",
        `owner: the App is installed in ${installation.account.login}, not in ${owner}.`,
      );
    }
    const credentials = {
      installation: () => this.#tokens.credential({ installationId, permissions: { administration: "write" } }),
      user: () => this.#ownerCredential(userId, installation),
    };
    return createRepository(this.#services.clients, installation, request, credentials, signal);
  }

  /**
   * Writes files over whatever the branch has, in one commit.
   *
   * @throws GitHubSdkError `installation_not_yours`, `insufficient_permissions`, and what a sync throws
   */
  push(request: FilesRequest): Promise<WrittenFiles> {
    return this.#write(request, "ours");
  }

  /**
   * Writes files unless somebody else has changed one of them since this SDK last wrote it; the conflicts are in the answer then.
   *
   * @throws GitHubSdkError as {@link push}
   */
  sync(request: FilesRequest): Promise<WrittenFiles> {
    return this.#write(request, "fail");
  }

  /** Whether the user whose token it is sees the installation, and the repository through it. What is not so is `false`, an invalid token included. */
  async validateAccess(request: {
    readonly userToken: string;
    readonly installationId: number;
    /** `owner/name`. */
    readonly repository: string;
  }): Promise<AccessReport> {
    const { signal } = this.#closing;
    const { userToken, installationId, repository } = request;
    const installationFound = await unlessRefused(async () => {
      const installations = await this.#asUser(givenCredential(userToken)).list(signal);
      return installations.some((installation) => installation.installationId === installationId);
    });
    const repositoryAccessible =
      installationFound &&
      (await unlessRefused(() => this.#asUser(givenCredential(userToken)).reaches(installationId, repository, signal)));
    return { hasAccess: repositoryAccessible, installationFound, repositoryAccessible };
  }

  /**
   * Where a user installs the App. A state that is given comes back with the callback, where it works once.
   *
   * @throws GitHubSdkError `capability_not_configured` when the App's slug is not known, `validation_failed`
   * @see https://docs.github.com/en/apps/sharing-github-apps/sharing-your-github-app
   */
  async installUrl(request: {
    readonly userId: string;
    readonly state?: string;
    /** The `hash` of a browser binding, when the callback will come from the browser itself. */
    readonly browser?: string;
    /** Numeric id of the account that is proposed. */
    readonly suggestedTargetId?: number;
  }): Promise<InstallLink> {
    const { app, serverUrl } = this.#services;
    if (app.slug === null) {
      throw new GitHubSdkError(
        "capability_not_configured",
        "The App's slug is not configured. Set `app.slug` (GITHUB_APP_NAME).",
      );
    }
    const appUrl = `${serverUrl}/apps/${app.slug}`;
    const { userId, state, browser, suggestedTargetId } = request;
    if (suggestedTargetId !== undefined && !(Number.isSafeInteger(suggestedTargetId) && suggestedTargetId > 0)) {
      throw new GitHubSdkError("validation_failed", "suggestedTargetId is the numeric id of a GitHub account.");
    }
    const url = new URL(`${appUrl}/installations/new${suggestedTargetId === undefined ? "" : "/permissions"}`);
    if (suggestedTargetId !== undefined) url.searchParams.set("suggested_target_id", String(suggestedTargetId));
    if (state !== undefined) {
      await this.#services.beginInstall(defined({ userId, state, browser }));
      url.searchParams.set("state", state);
    }
    return { installationUrl: url.href, appName: app.slug, state: state ?? null, appUrl };
  }

  /**
   * Proves that an installation is the user's, with the token of the authorization that named it.
   *
   * @throws GitHubSdkError `installation_not_yours`
   */
  async bind(
    claim: InstallationClaim & {
      readonly githubUserId: number;
      readonly client: ClientName;
      readonly credential: Credential;
    },
  ): Promise<void> {
    const proves = this.#services.authorizeInstallation === null && claim.client === "app";
    if (proves) return this.#access.prove(claim, this.#closing.signal);
    return this.#access.require(claim.userId, claim.installationId, this.#closing.signal);
  }

  /** How the App is, up to ten seconds old. Never rejects. */
  health(): Promise<AppHealth> {
    return this.#health.check(this.#closing.signal);
  }

  /** A credential of an installation for one repository, with no more permissions than writing files takes. */
  fileCredential(installationId: number, repository: string): Promise<Credential> {
    return this.#files.for(installationId, repository);
  }

  /** A credential of an installation, narrowed as asked. For the host's own use: nobody's right to it is looked at. */
  credential(request: InstallationTokenRequest): Credential {
    return this.#tokens.credential(request);
  }

  /** An installation as GitHub shows it now, `null` when it is gone. Asked as the App. */
  readInstallation(installationId: number): Promise<Installation | null> {
    return this.#installations.read(installationId);
  }

  /** Makes a request as the App itself, such as one of its delivery log. */
  request(route: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal) {
    return this.#client.request(route, parameters, { signal });
  }

  /** Forgets the tokens of an installation whose permissions changed or that was withdrawn. */
  forget(installationId: number): void {
    this.#tokens.forget(installationId);
  }

  /** Ends requests that are under way. */
  close(): void {
    this.#closing.abort(new GitHubSdkError("cancelled", "The SDK was closed while the request was under way."));
  }

  async #write(
    { userId, ...request }: FilesRequest,
    strategy: InstallationFilesRequest["strategy"],
  ): Promise<WrittenFiles> {
    const { signal } = this.#closing;
    const { installationId, branch = "main" } = request;
    const files = parseFilesToWrite(request.files);
    await this.#access.require(userId, installationId, signal);
    const repository = await this.#access.requireRight(userId, request.repository, "push", signal);
    await this.#files.learn(installationId, files.keys());
    return this.#services.writeFiles({ ...request, files, repository, branch, strategy, signal });
  }

  /** GitHub makes repositories in a personal account for its owner alone: another account's token would make them there. */
  async #ownerCredential(userId: string, { account }: Installation): Promise<Credential> {
    const connected = await this.#services.account(userId);
    if (connected?.githubUserId !== account.id)
      throw new GitHubSdkError("github_not_connected", "It is not connected.");
    return this.#services.userCredential(userId);
  }

  #asUser(credential: Credential): UserInstallations {
    return new UserInstallations(this.#services.clients, credential, this.#services.app.appId);
  }
}

/** Answers of GitHub that mean "not this user". */
const SAYS_NO: ReadonlySet<string> = new Set([
  "reauth_required",
  "insufficient_permissions",
  "repository_not_found",
  "github_rejected",
]);

/** `false` also when GitHub refuses to say it. */
async function unlessRefused(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch (error) {
    if (isGitHubSdkError(error) && SAYS_NO.has(error.code)) return false;
    throw error;
  }
}

/** A credential from a token that a client gave; what no header can hold, or no server would take in one, is no token. */
function givenCredential(token: string): Credential {
  if (/^[\x21-\x7e]{1,4096}$/.test(token)) return tokenCredential(token);
  throw new GitHubSdkError("reauth_required", "GitHub does not take the token. Log in with GitHub again.");
}
