import { randomBytes } from "node:crypto";
import {
  type CreatedApp,
  createGitHubSdk,
  type GitHubSdk,
  type GitHubSdkOptions,
  silentLogger,
} from "@infrajet/github";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import { type GitHubHttpOptions, supabaseAuthenticator } from "@infrajet/github/http";
import { MemoryProjectFiles } from "@infrajet/github/memory";
import type { GitHubApp } from "../github/apps/github-app.js";
import { createGitHubBox, type GitHubBox } from "../github/box.js";
import type { OAuthClient } from "../github/oauth/oauth-client.js";
import { BearerTokens } from "./bearer-tokens.js";
import type { ContractSubject, HostFactory, HostKind } from "./contract-subject.js";

/** The parts of a host that a framework adapter mounts. */
export interface HostParts {
  readonly sdk: GitHubSdk;
  /** The options of the endpoints, which must be mounted at `basePath`. */
  readonly options: GitHubHttpOptions & { readonly basePath: string };
}

/** A listening host. */
export interface RunningHost {
  /** `http://127.0.0.1:4000`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Mounts the endpoints in a server of the framework that listens on a free port. */
export type MountHost = (parts: HostParts) => Promise<RunningHost>;

/** A GitHub box and hosts that use it, for one run of the contract. */
export interface ContractFixture {
  /** Returns the host of a kind; the same one for each call. */
  readonly host: HostFactory;
  /** Closes the hosts, their SDKs and the GitHub box. */
  close(): Promise<void>;
}

type BoxServer = Awaited<ReturnType<GitHubBox["listen"]>>;

const BASE_PATH = "/api/v1/github";
const CALLBACK = `https://host.example${BASE_PATH}/auth/callback`;
const AFTER_CONNECT = "https://host.example/settings?tab=github";
const WEBHOOK_SECRET = "between GitHub and the host";
const BODY_LIMIT = 1024 * 1024;
const FILES_BODY_LIMIT = 10 * BODY_LIMIT;

/**
 * Creates everything for a run of {@link httpContract} but the framework: a GitHub box, SDKs with memory stores, Supabase tokens
 * and projects.
 *
 * @param mount Mounts the endpoints with the adapter under test.
 */
export function createContractFixture(mount: MountHost): ContractFixture {
  const hosts = new Map<HostKind, Promise<ContractSubject>>();
  let world: Promise<HttpFixture> | null = null;
  return {
    host(kind) {
      world ??= HttpFixture.create(mount);
      const host = hosts.get(kind) ?? world.then((made) => made.start(kind));
      hosts.set(kind, host);
      return host;
    },
    async close() {
      await Promise.allSettled(hosts.values());
      await (await world)?.close();
    },
  };
}

class HttpFixture {
  readonly #files = new MemoryProjectFiles();
  readonly #tokens = new BearerTokens();
  readonly #operatorToken = randomBytes(32).toString("base64url");
  readonly #createdApps: CreatedApp[] = [];
  readonly #ends: (() => Promise<void>)[] = [];

  private constructor(
    private readonly mount: MountHost,
    private readonly box: GitHubBox,
    private readonly server: BoxServer,
    private readonly oauthApp: OAuthClient,
    private readonly app: GitHubApp,
    private readonly clock: FixtureClock,
  ) {}

  static async create(mount: MountHost): Promise<HttpFixture> {
    const clock = new FixtureClock();
    const box = await createGitHubBox({ clock: () => clock.now() });
    const oauthApp = box.addOAuthApp({ callbackUrls: [CALLBACK] });
    const app = box.addApp({
      slug: "infrajet-sync",
      callbackUrls: [CALLBACK],
      requestsUserAuthorization: true,
      permissions: { administration: "write", contents: "write", members: "read", pull_requests: "write" },
      events: ["organization", "push", "repository"],
      webhookSecret: WEBHOOK_SECRET,
    });
    return new HttpFixture(mount, box, await box.listen(), oauthApp, app, clock);
  }

  async start(kind: HostKind): Promise<ContractSubject> {
    const sdk = createGitHubSdk(this.#sdkOptions(kind));
    this.#ends.push(() => sdk.close());
    const { url, close } = await this.mount({ sdk, options: this.#httpOptions(kind) });
    this.#ends.push(close);
    return {
      baseUrl: `${url}${BASE_PATH}`,
      box: this.box,
      app: this.app,
      webhookSecret: WEBHOOK_SECRET,
      operatorToken: this.#operatorToken,
      createdApps: this.#createdApps,
      afterConnectUrl: AFTER_CONNECT,
      bodyLimit: BODY_LIMIT,
      filesBodyLimit: FILES_BODY_LIMIT,
      now: () => this.clock.now(),
      advance: (milliseconds) => this.clock.advance(milliseconds),
      tokenFor: (userId) => this.#tokens.good(userId),
      badTokensFor: (userId) => this.#tokens.bad(userId),
      writeProject: (userId, projectId, files) => this.#writeProject(userId, projectId, files),
    };
  }

  async close(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
    await this.box.close();
  }

  #sdkOptions(kind: HostKind): GitHubSdkOptions {
    const { apiUrl, serverUrl } = this.server;
    const common = {
      ...{ apiUrl, serverUrl, clock: this.clock, retryPauseMs: 1, maxRateLimitWaitMs: 0 },
      projectFiles: this.#files,
      logger: silentLogger,
    };
    if (kind === "bare") return { ...common, auth: this.box.addToken({ login: "deploy-bot" }) };
    const { id, slug, clientId, clientSecret, privateKey } = this.app;
    const appId = kind === "strange-app" ? id + 1_000_000 : id;
    const signatures = {
      ...(kind === "unsigned" || kind === "development" ? {} : { webhookSecrets: [WEBHOOK_SECRET] }),
      ...(kind === "development" ? { allowUnsignedWebhooks: true } : {}),
    };
    return {
      ...common,
      redirectUri: CALLBACK,
      encryptionKeys: `k1:${randomBytes(32).toString("base64")}`,
      oauth: { clientId: this.oauthApp.clientId, clientSecret: this.oauthApp.clientSecret },
      app: { appId, slug, clientId, clientSecret, privateKey, ...signatures },
      // Cases count the requests that they cause.
      webhooks: { sweep: false },
    };
  }

  #httpOptions(kind: HostKind): HostParts["options"] {
    return {
      sharedCredential: kind === "bare",
      basePath: BASE_PATH,
      bodyLimit: BODY_LIMIT,
      filesBodyLimit: FILES_BODY_LIMIT,
      authenticator: supabaseAuthenticator({ jwtSecret: this.#tokens.secret }),
      ...(kind === "no-browser" ? {} : this.#pages()),
    };
  }

  #pages(): Partial<GitHubHttpOptions> {
    return {
      afterConnectUrl: AFTER_CONNECT,
      saveApp: (app) => void this.#createdApps.push(app),
      authorizeOperator: ({ bearerToken }) => bearerToken === this.#operatorToken,
      appManifest: { name: `Sync ${randomBytes(4).toString("hex")}`, url: "https://host.example/about", public: true },
    };
  }

  #writeProject(userId: string, projectId: string, files: Readonly<Record<string, string | null>>): void {
    const project = { userId, projectId };
    this.#files.makeDirectory(project, "");
    for (const [path, content] of Object.entries(files)) {
      if (content === null) this.#files.deleteFile(project, path);
      else this.#files.setFile(project, path, content);
    }
  }
}

/** The system clock with an offset that tests advance. Short pauses, such as those before a retry, take no time. */
class FixtureClock implements Clock {
  #ahead = 0;

  now(): number {
    return systemClock.now() + this.#ahead;
  }

  advance(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(milliseconds <= LONGEST_PAUSE ? 0 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

const LONGEST_PAUSE = 500;
