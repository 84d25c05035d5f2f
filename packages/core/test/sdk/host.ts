import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createGitHubSdk, type GitHubSdk, type GitHubSdkOptions, isGitHubSdkError } from "@infrajet/github";
import { type Clock, type GitHubSdkStores, systemClock } from "@infrajet/github/adapters";
import {
  MemoryBaselineStore,
  MemoryConnectionStore,
  MemoryDeliveryStore,
  MemoryInstallationStore,
  MemoryLockStore,
  MemoryProjectFiles,
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

/** The machine's time, put forward by hand; pauses between two looks take no time, timeouts stay as they are. */
class ShiftedClock implements Clock {
  constructor(private ahead: number) {}

  readonly now = (): number => systemClock.now() + this.ahead;

  putForward(milliseconds: number): void {
    this.ahead += milliseconds;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(milliseconds <= 2_000 ? 0 : milliseconds, signal);
  }

  idle(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return systemClock.idle(milliseconds, signal);
  }
}

/**
 * A host as it runs: it and GitHub talk over HTTP in both directions, and all it does is to call its SDK. On that GitHub ann
 * owns the organization acme.
 */
export class Host {
  readonly stores: GitHubSdkStores;
  /** What is configured, as it may be handed to another process. */
  readonly configuration: Omit<GitHubSdkOptions, "projectFiles">;
  readonly sdk: GitHubSdk;
  /** What deliveries were answered with. */
  readonly answers: number[] = [];

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
    };
    this.configuration = {
      ...{ apiUrl, serverUrl, redirectUri: CALLBACK },
      app: { appId, slug, clientId, clientSecret, privateKey, webhookSecrets: [WEBHOOK_SECRET] },
      encryptionKeys: `k1:${announceSecret(randomBytes(32).toString("base64"))}`,
    };
    const projectFiles = new MemoryProjectFiles();
    this.sdk = createGitHubSdk({ ...this.configuration, clock, projectFiles, stores: this.stores });
    server.on("request", async (incoming, response) => response.writeHead(await this.#answer(incoming)).end());
  }

  /** @param ahead milliseconds that the time of all of them is ahead of the machine's */
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

  /** A host user connects the GitHub account of that login. */
  async connect(userId: string, login: string) {
    const { url } = await this.sdk.connections.authorize({ userId });
    const { code, state = "" } = await this.box.authorize(url, { login });
    return this.sdk.connections.complete({ userId, code, state });
  }

  /** A host user installs the App as that login in an account, and comes back. Gives the installation's id. */
  async install(userId: string, login: string, account: string): Promise<number> {
    const { installationUrl } = await this.sdk.app.installUrl({ userId, state: `${userId} installs` });
    const { state = "", code, installationId = 0 } = await this.box.installFrom(installationUrl, { login, account });
    await this.sdk.connections.complete({ userId, state, code, installationId });
    await this.box.deliveriesSettled();
    return installationId;
  }

  /** The status that GitHub answers a token with. */
  async answerTo(token: string, path = "user"): Promise<number> {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${this.github.apiUrl}/${path}`, { headers })).status;
  }

  async close(): Promise<void> {
    await this.sdk.close();
    await this.box.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(incoming: IncomingMessage): Promise<number> {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]));
    const status = await this.sdk.webhooks.handle({ headers, body: incoming }).then(
      () => 200,
      (error: unknown) => (isGitHubSdkError(error) ? error.status : 599),
    );
    this.answers.push(status);
    return status;
  }
}
