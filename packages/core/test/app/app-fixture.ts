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

// Making a key takes a while, and whose it is does not matter.
const PRIVATE_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs1", format: "pem" })
  .toString();
const SECRETS = /gh[opsur]_\w{8}|github_pat_\w{8}|PRIVATE KEY-----|eyJ[\w-]{20,}\.eyJ/;
const HALF_A_SECOND = 500;

/** The machine's time, put forward by hand: a pause before the next try of a request takes its time there and none here. */
export class AppClock implements Clock {
  #ahead = 0;

  readonly now = (): number => systemClock.now() + this.#ahead;

  putForward(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (milliseconds === HALF_A_SECOND) this.#ahead += milliseconds;
    return systemClock.sleep(milliseconds <= 1_000 ? 0 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

export interface AppFixtureOptions {
  /** What the App asks for beside metadata. */
  readonly permissions?: Record<string, string>;
  readonly sdk?: Partial<GitHubSdkOptions>;
  /** Options of the App, over those that the box gives. */
  readonly app?: Partial<GitHubSdkOptions["app"]>;
  /** Milliseconds that GitHub's clock is ahead of ours. */
  readonly githubAhead?: number;
}

/**
 * A GitHub with an OAuth App and a GitHub App, and a host. Ann owns the organization acme, max is a member of it, eve is
 * nobody there. Acme has the repository `infra`, ann has `notes`; the App is installed in both accounts.
 */
export class AppFixture {
  readonly installations = new MemoryInstallationStore();
  readonly #told: string[] = [];
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

  /** The host's SDK, as one more process of it has it. */
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

  /** A host user connects the GitHub account of that login. */
  async connect(userId: string, login: string, client: "oauth" | "app" = "app", installationId?: number) {
    const { url } = await this.sdk.connections.authorize({ userId, client });
    const { code, state = "" } = await this.box.authorize(url, { login });
    const named = installationId === undefined ? {} : { installationId };
    return this.sdk.connections.complete({ userId, code, state, ...named });
  }

  async tokenOf(userId: string, client: "oauth" | "app" = "app"): Promise<string> {
    return (await this.sdk.connections.credential(userId, client)).token();
  }

  /** What something fails with. */
  async failure(promise: Promise<unknown>): Promise<GitHubSdkError> {
    const error = await promise.then(
      (value) => {
        throw new Error(`it did not fail, but gave ${inspect(value)}`);
      },
      (error: unknown) => error,
    );
    if (!isGitHubSdkError(error)) throw error;
    this.#tell(error);
    return error;
  }

  async code(promise: Promise<unknown>): Promise<string> {
    return (await this.failure(promise)).code;
  }

  /** The branch as text by path. */
  async branch(repository: BoxRepository = this.infra, name?: string): Promise<Record<string, string>> {
    const files = await repository.files(name);
    return Object.fromEntries([...files].sort().map(([path, { content }]) => [path, content.toString("utf8")]));
  }

  /** Which account an installation token speaks for, or the status that GitHub refuses it with. */
  async holderOf(token: string): Promise<string | number> {
    const url = `${this.server.apiUrl}/installation/repositories`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (answer.status !== 200) return answer.status;
    const { repositories } = (await answer.json()) as { repositories: { owner: { login: string } }[] };
    return repositories[0]?.owner.login ?? "nobody";
  }

  /** Requests of a route; of all of them when none is named. */
  count(route?: string): number {
    return this.box.count(route);
  }

  /** Ends everything, and makes sure that nothing secret was logged or thrown. */
  async close(): Promise<void> {
    for (const sdk of this.#sdks) await sdk.close();
    await this.box.close();
    for (const told of this.#told) expect(told).not.toMatch(SECRETS);
  }

  #logger(): Logger {
    const log = (message: string, fields?: Readonly<Record<string, unknown>>): void => this.#tell([message, fields]);
    return { debug: log, info: log, warn: log, error: log };
  }

  #tell(value: unknown): void {
    tell(value);
    this.#told.push(inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true }));
    this.#told.push(JSON.stringify(value) ?? "");
  }
}
