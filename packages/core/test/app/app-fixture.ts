import { generateKeyPairSync, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import {
  createGitHubSdk,
  type GitHubSdk,
  type GitHubSdkError,
  type GitHubSdkOptions,
  isGitHubSdkError,
  type Logger,
} from "@infrajet/github";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import { MemoryInstallationStore, MemoryProjectFiles } from "@infrajet/github/memory";
import {
  announceSecret,
  type BoxRepository,
  createGitHubBox,
  type GitHubApp,
  type GitHubBox,
  type GitHubBoxServer,
  type Installation,
} from "@infrajet/github-testing";
import { expect } from "vitest";
import { tell } from "../../../../.ci/secrets/recording.js";

const CALLBACK = "https://host.example/api/v1/github/auth/callback";
export const MINUTE = 60_000;
export const MINT = "POST /app/installations/{installation_id}/access_tokens";

// Generating a key is slow, so all tests share one.
const PRIVATE_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs1", format: "pem" })
  .toString();
// The shortest run that random states and PKCE challenges do not contain by chance: they are base64url too.
const SECRETS = /\bgh[opsur]_\w{20}|\bgithub_pat_\w{20}|PRIVATE KEY-----|eyJ[\w-]{20,}\.eyJ/;
const RETRY_PAUSE_MS = 500;

/** The system time with an offset. A pause before a retry advances the offset and is skipped. */
export class AppClock implements Clock {
  #ahead = 0;

  readonly now = (): number => systemClock.now() + this.#ahead;

  putForward(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds === RETRY_PAUSE_MS) this.#ahead += milliseconds;
    return systemClock.sleep(milliseconds <= 1_000 ? 0 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

export interface AppFixtureOptions {
  /** The App's permissions besides metadata. */
  readonly permissions?: Record<string, string>;
  readonly sdk?: Partial<GitHubSdkOptions>;
  /** Options of the App that replace those of the box. */
  readonly app?: Partial<GitHubSdkOptions["app"]>;
  /** The number of milliseconds by which GitHub's clock is ahead. */
  readonly githubAhead?: number;
}

/**
 * GitHub in a box with an OAuth App and a GitHub App, and a host. Ann owns the organization acme, max is a member of it, eve is
 * not. Acme has the repository `infra`, ann has `notes`; the App is installed in both accounts.
 */
export class AppFixture {
  readonly installations = new MemoryInstallationStore();
  readonly #output: string[] = [];
  readonly #sdks: GitHubSdk[] = [];
  readonly sdk: GitHubSdk;

  private constructor(
    readonly clock: AppClock,
    readonly box: GitHubBox,
    readonly server: GitHubBoxServer,
    readonly oauthApp: ReturnType<GitHubBox["addOAuthApp"]>,
    readonly gitHubApp: GitHubApp,
    readonly infra: BoxRepository,
    readonly acme: Installation,
    readonly anns: Installation,
    private readonly options: AppFixtureOptions,
  ) {
    this.sdk = this.startSdk();
  }

  static async create(options: AppFixtureOptions = {}): Promise<AppFixture> {
    const clock = new AppClock();
    const box = await createGitHubBox({ clock: () => clock.now() + (options.githubAhead ?? 0) });
    box.addUser({ login: "ann" });
    box.addOrganization({ login: "acme", admins: ["ann"], members: ["max"] });
    const infra = await box.createRepository({ owner: "acme", name: "infra", private: true, autoInit: true });
    await box.createRepository({ owner: "ann", name: "notes", private: true, autoInit: true });
    const oauthApp = box.addOAuthApp({ callbackUrls: [CALLBACK] });
    const gitHubApp = box.addApp({
      slug: "sync-it",
      callbackUrls: [CALLBACK],
      requestsUserAuthorization: true,
      privateKey: PRIVATE_KEY,
      permissions: options.permissions ?? { contents: "write", administration: "write", members: "read" },
    });
    const acme = box.install(gitHubApp, { account: "acme" });
    const anns = box.install(gitHubApp, { account: "ann" });
    return new AppFixture(clock, box, await box.listen(), oauthApp, gitHubApp, infra, acme, anns, options);
  }

  /** Starts the SDK of another process of the host. */
  startSdk(over: Partial<GitHubSdkOptions> = {}): GitHubSdk {
    const { apiUrl, serverUrl } = this.server;
    const { id: appId, slug, clientId, clientSecret } = this.gitHubApp;
    const sdk = createGitHubSdk({
      ...{ apiUrl, serverUrl, redirectUri: CALLBACK, clock: this.clock, retryPauseMs: 1, maxRateLimitWaitMs: 0 },
      projectFiles: new MemoryProjectFiles(),
      oauth: { clientId: this.oauthApp.clientId, clientSecret: this.oauthApp.clientSecret },
      app: { appId, slug, clientId, clientSecret, privateKey: PRIVATE_KEY, ...this.options.app },
      encryptionKeys: `k1:${announceSecret(randomBytes(32).toString("base64"))}`,
      stores: { installations: this.installations },
      logger: this.#logger(),
      ...this.options.sdk,
      ...over,
    });
    this.#sdks.push(sdk);
    return sdk;
  }

  /** Connects a host user with the GitHub account of a login. */
  async connect(userId: string, login: string, client: "oauth" | "app" = "app", installationId?: number) {
    const { url } = await this.sdk.connections.authorize({ userId, client });
    const { code, state = "" } = await this.box.authorize(url, { login });
    const named = installationId === undefined ? {} : { installationId };
    return this.sdk.connections.complete({ userId, code, state, ...named });
  }

  async tokenOf(userId: string, client: "oauth" | "app" = "app"): Promise<string> {
    return (await this.sdk.connections.credential(userId, client)).token();
  }

  /** Returns the error that a promise rejects with, and records its text. */
  async failure(promise: Promise<unknown>): Promise<GitHubSdkError> {
    const error = await promise.then(
      (value) => {
        throw new Error(`The promise did not reject but resolved with ${inspect(value)}.`);
      },
      (error: unknown) => error,
    );
    if (!isGitHubSdkError(error)) throw error;
    this.#record(error);
    return error;
  }

  async code(promise: Promise<unknown>): Promise<string> {
    return (await this.failure(promise)).code;
  }

  /** Returns a branch's files as text by path. */
  async branch(repository: BoxRepository = this.infra, name?: string): Promise<Record<string, string>> {
    const files = await repository.files(name);
    return Object.fromEntries([...files].sort().map(([path, { content }]) => [path, content.toString("utf8")]));
  }

  /** Returns the account of an installation token, or the status with which GitHub rejects it. */
  async holderOf(token: string): Promise<string | number> {
    const url = `${this.server.apiUrl}/installation/repositories`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (response.status !== 200) return response.status;
    const { repositories } = (await response.json()) as { repositories: { owner: { login: string } }[] };
    return repositories[0]?.owner.login ?? "none";
  }

  /** Returns the number of requests of a route, or of all routes. */
  count(route?: string): number {
    return this.box.count(route);
  }

  /** Closes everything, and checks that no secret was logged or thrown. */
  async close(): Promise<void> {
    for (const sdk of this.#sdks) await sdk.close();
    await this.box.close();
    for (const text of this.#output) expect(text).not.toMatch(SECRETS);
  }

  #logger(): Logger {
    const log = (message: string, fields?: Readonly<Record<string, unknown>>): void => this.#record([message, fields]);
    return { debug: log, info: log, warn: log, error: log };
  }

  #record(value: unknown): void {
    tell(value);
    this.#output.push(inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true }));
    this.#output.push(JSON.stringify(value) ?? "");
  }
}
