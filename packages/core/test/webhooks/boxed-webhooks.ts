import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "@infrajet/github/adapters";
import {
  MemoryDeliveryStore,
  MemoryInstallationStore,
  MemoryLinkStore,
  MemoryLockStore,
  MemoryPubSub,
  MemoryTokenCache,
} from "@infrajet/github/memory";
import { createGitHubBox, type GitHubApp, type GitHubBox } from "@infrajet/github-testing";
import { AppEngine } from "../../src/app/app-engine.js";
import { keySigner } from "../../src/app/app-jwt.js";
import type { AppServices } from "../../src/app/app-services.js";
import { parsePrivateKey } from "../../src/app/private-key.js";
import type { BranchMove } from "../../src/domain/branch-move.js";
import { GitHubSdkError, isGitHubSdkError } from "../../src/errors.js";
import { EventBus, type SdkEventName } from "../../src/events.js";
import { createGitHubClients, type GitHubClients } from "../../src/github/github-clients.js";
import { silentLogger } from "../../src/logger.js";
import { Secret } from "../../src/secret.js";
import { WebhookEngine } from "../../src/webhooks/webhook-engine.js";
import type { SyncedBranch } from "../../src/webhooks/webhook-services.js";
import { OWN_SYNC } from "./webhook-fixture.js";

const EVENTS: readonly SdkEventName[] = [
  "installation.created",
  "installation.removed",
  "installation.suspended",
  "installation.unsuspended",
  "installation.changed",
  "push.received",
  "repository.renamed",
  "repository.deleted",
];
// Skips short pauses, but not timeouts.
const CLOCK: Clock = {
  now: () => systemClock.now(),
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds < 5_000 ? 1 : milliseconds, signal),
  idle: (milliseconds, signal) => systemClock.idle(milliseconds, signal),
};
const SECRET = "a secret between GitHub and the host";
// Generating a key is slow, so all tests share one.
const PRIVATE_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs1", format: "pem" })
  .toString();

/** GitHub in a box that delivers signed webhooks over HTTP to a host, which sends its requests over HTTP. */
export class BoxedWebhooks {
  readonly deliveries = new MemoryDeliveryStore();
  readonly installations = new MemoryInstallationStore();
  readonly ownCommits = new Set<string>();
  /** The moves of branches that links were told about. */
  readonly moves: BranchMove[] = [];
  /** The users for whom an approved request was proven. */
  readonly proven: string[] = [];
  /** The branches that were synced. */
  readonly synced: SyncedBranch[] = [];
  readonly events: [string, unknown][] = [];
  /** The status codes of the responses to deliveries. */
  readonly statuses: number[] = [];
  readonly engine: WebhookEngine;
  /** The host users by the ID of their GitHub account. */
  readonly #users = new Map<number, string>();
  readonly #ends: (() => unknown)[] = [];

  private constructor(
    readonly box: GitHubBox,
    readonly app: GitHubApp,
    readonly apiUrl: string,
    /** The URL at which the host receives deliveries. */
    readonly url: string,
  ) {
    const bus = new EventBus(new MemoryPubSub(), silentLogger);
    for (const name of EVENTS) bus.on(name, (payload) => void this.events.push([name, payload]));
    const clients = createGitHubClients({ apiUrl, userAgent: "test", retryBaseMs: 1, maxRateLimitWaitMs: 0 });
    this.engine = this.#createEngine(clients, bus);
    this.#ends.push(
      () => this.engine.close(),
      () => clients.close(),
      () => bus.close(),
      () => box.close(),
    );
  }

  static async start(): Promise<BoxedWebhooks> {
    const box = await createGitHubBox();
    const { apiUrl } = await box.listen();
    let fixture: BoxedWebhooks | null = null;
    const host = createServer(async (incoming, response) => {
      response.writeHead((await fixture?.receive(incoming)) ?? 503).end();
    });
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    const webhookUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}/`;
    const permissions = { contents: "write", members: "read" } as const;
    const events = ["push", "repository", "organization"];
    const app = box.addApp({
      name: "infra",
      webhookUrl,
      webhookSecret: SECRET,
      permissions,
      events,
      privateKey: PRIVATE_KEY,
    });
    fixture = new BoxedWebhooks(box, app, apiUrl, webhookUrl);
    fixture.#ends.push(
      () => host.closeAllConnections(),
      () => new Promise((resolve) => host.close(resolve)),
    );
    await box.deliveriesSettled();
    return fixture;
  }

  /** Handles a delivery as a host does, and returns the status of the response. */
  async receive(incoming: IncomingMessage): Promise<number> {
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]));
    const body = incoming.iterator({ destroyOnReturn: false });
    const status = await this.engine.handle({ headers, body }).then(
      () => 200,
      (error: unknown) => (isGitHubSdkError(error) ? error.status : 599),
    );
    this.statuses.push(status);
    return status;
  }

  /** Connects a GitHub user with a host user. */
  connect(login: string, userId: string): void {
    this.#users.set(this.box.addUser({ login }).id, userId);
  }

  key(installationId: number) {
    return { apiUrl: this.apiUrl, installationId };
  }

  async names(installationId: number): Promise<readonly string[]> {
    const kept = await this.installations.repositories(this.key(installationId), 0, 100);
    return kept.map(({ fullName }) => fullName);
  }

  async isBound(installationId: number, userId: string): Promise<boolean> {
    return (await this.installations.findBinding(this.key(installationId), userId)) !== null;
  }

  /** Returns the events since the last call. */
  takeEvents(): readonly [string, unknown][] {
    return this.events.splice(0);
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
  }

  #createEngine(clients: GitHubClients, bus: EventBus): WebhookEngine {
    const never = (): never => {
      throw new Error("Webhooks do not call this.");
    };
    const identity = {
      appId: this.app.id,
      slug: this.app.slug,
      signer: keySigner(parsePrivateKey(this.app.privateKey, "the key")),
    };
    const shared = { apiUrl: this.apiUrl, clients, bus, clock: CLOCK, logger: silentLogger };
    const services: AppServices = {
      ...{
        ...shared,
        serverUrl: "",
        app: identity,
        installations: this.installations,
        tokenCache: new MemoryTokenCache(),
        authorizeInstallation: null,
        installationMembers: "owners",
      },
      ...{ account: never, userCredential: never, beginInstall: never, writeFiles: never },
    };
    const appEngine = new AppEngine(services);
    this.#ends.push(() => appEngine.close());
    return new WebhookEngine({
      ...{ ...shared, secrets: [new Secret(SECRET)], allowUnsigned: false },
      ...{ inline: true, sweep: false, handlerTimeout: 8_000 },
      ...{ deliveries: this.deliveries, installations: this.installations },
      app: {
        appId: identity.appId,
        readInstallation: (id) => appEngine.readInstallation(id),
        credential: (request) => appEngine.unchecked.credential(request),
        request: (route, parameters, signal) => appEngine.request(route, parameters, signal),
      },
      accountOfGitHubUser: async (id) => {
        const userId = this.#users.get(id);
        return userId === undefined ? null : { userId };
      },
      revokedByGitHub: async () => null,
      proveRequester: async ({ userId }) => void this.proven.push(userId),
      locks: new MemoryLockStore(),
      recentlySynced: async () => this.synced,
      originOf: async ({ commitId }) => (this.ownCommits.has(commitId) ? OWN_SYNC : null),
      links: new MemoryLinkStore(),
      branchMoved: async (move) => void this.moves.push(move),
      credentialOf: async () => {
        throw new GitHubSdkError("github_not_connected", "No user is connected.");
      },
    });
  }
}
