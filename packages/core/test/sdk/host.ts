import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createGitHubSdk,
  type GitHubSdk,
  type GitHubSdkOptions,
  isGitHubSdkError,
  silentLogger,
} from "@infrajet/github";
import { type Clock, type GitHubSdkStores, systemClock } from "@infrajet/github/adapters";
import {
  MemoryBaselineStore,
  MemoryConnectionStore,
  MemoryDeliveryStore,
  MemoryInstallationStore,
  MemoryLinkStore,
  MemoryLockStore,
  MemoryProjectFiles,
  MemoryResolutionStore,
  MemoryStateStore,
  MemorySyncRecordStore,
} from "@infrajet/github/memory";
import {
  announceSecret,
  createGitHubBox,
  type GitHubApp,
  type GitHubBox,
  type GitHubBoxServer,
} from "@infrajet/github-testing";

const CALLBACK = "https://host.example/api/v1/github/auth/callback";
const WEBHOOK_SECRET = randomBytes(20).toString("hex");
export const HOUR = 60 * 60_000;

/** The system time with an offset. Short pauses are skipped; timeouts are not. */
class ShiftedClock implements Clock {
  #ahead: number;

  constructor(ahead: number) {
    this.#ahead = ahead;
  }

  readonly now = (): number => systemClock.now() + this.#ahead;

  putForward(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(milliseconds <= 2_000 ? 0 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

/**
 * A running host that only calls its SDK. The host and GitHub in a box communicate over HTTP in both directions. Ann owns the
 * organization acme.
 */
export class Host {
  readonly stores: GitHubSdkStores;
  /** The options, in a form that can be passed to another process. */
  readonly configuration: Omit<GitHubSdkOptions, "projectFiles">;
  readonly sdk: GitHubSdk;
  readonly files = new MemoryProjectFiles();
  /** The status codes of the responses to deliveries. */
  readonly deliveryStatuses: number[] = [];

  private constructor(
    readonly clock: ShiftedClock,
    readonly box: GitHubBox,
    readonly github: GitHubBoxServer,
    readonly app: GitHubApp,
    private readonly server: Server,
  ) {
    const { apiUrl, serverUrl } = github;
    const { id: appId, slug, clientId, clientSecret, privateKey } = app;
    this.stores = {
      records: new MemorySyncRecordStore(),
      baselines: new MemoryBaselineStore(),
      locks: new MemoryLockStore(clock),
      connections: new MemoryConnectionStore(),
      states: new MemoryStateStore(clock),
      installations: new MemoryInstallationStore(),
      deliveries: new MemoryDeliveryStore(clock),
      resolutions: new MemoryResolutionStore(),
      links: new MemoryLinkStore(),
    };
    this.configuration = {
      ...{ apiUrl, serverUrl, redirectUri: CALLBACK },
      app: { appId, slug, clientId, clientSecret, privateKey, webhookSecrets: [WEBHOOK_SECRET] },
      // Handlers have run when GitHub receives the response.
      webhooks: { inline: true, sweep: false },
      encryptionKeys: `k1:${announceSecret(randomBytes(32).toString("base64"))}`,
    };
    this.sdk = createGitHubSdk({
      logger: silentLogger,
      ...this.configuration,
      clock,
      projectFiles: this.files,
      stores: this.stores,
    });
    server.on("request", async (incoming, response) => response.writeHead(await this.#receive(incoming)).end());
  }

  /** Starts a host. @param ahead milliseconds by which the host's and GitHub's clocks are ahead of the system time */
  static async start(ahead = 0): Promise<Host> {
    const clock = new ShiftedClock(ahead);
    const box = await createGitHubBox({ clock: clock.now });
    box.addUser({ login: "ann" });
    box.addOrganization({ login: "acme", admins: ["ann"] });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const app = box.addApp({
      ...{ slug: "sync-it", callbackUrls: [CALLBACK], requestsUserAuthorization: true, events: ["push"] },
      webhookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      webhookSecret: WEBHOOK_SECRET,
      permissions: { contents: "write", administration: "write", members: "read" },
    });
    return new Host(clock, box, await box.listen(), app, server);
  }

  /** Connects a host user with the GitHub account of a login. */
  async connect(userId: string, login: string) {
    const { url } = await this.sdk.connections.authorize({ userId });
    const { code, state = "" } = await this.box.authorize(url, { login });
    return this.sdk.connections.complete({ userId, code, state });
  }

  /** Installs the App in an account as a login, completes the callback, and returns the installation's ID. */
  async install(userId: string, login: string, account: string): Promise<number> {
    const { installationUrl } = await this.sdk.app.installUrl({ userId, state: `installation by user ${userId}` });
    const { state = "", code, installationId = 0 } = await this.box.installFrom(installationUrl, { login, account });
    await this.sdk.connections.complete({ userId, state, code, installationId });
    await this.box.deliveriesSettled();
    return installationId;
  }

  /** Returns the status of GitHub's response to a token. */
  async statusFor(token: string, path = "user"): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${this.github.apiUrl}/${path}`, { headers })).status;
  }

  async close(): Promise<void> {
    await this.sdk.close();
    await this.box.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #receive(incoming: IncomingMessage): Promise<number> {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]));
    const status = await this.sdk.webhooks.handle({ headers, body: incoming }).then(
      () => 200,
      (error: unknown) => (isGitHubSdkError(error) ? error.status : 599),
    );
    this.deliveryStatuses.push(status);
    return status;
  }
}
