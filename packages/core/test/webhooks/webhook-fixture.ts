import { createHmac, randomUUID } from "node:crypto";
import { inspect } from "node:util";
import type { Installation } from "@infrajet/github/adapters";
import {
  MemoryDeliveryStore,
  MemoryInstallationStore,
  MemoryLinkStore,
  MemoryLockStore,
  MemoryPubSub,
} from "@infrajet/github/memory";
import { announceSecret } from "@infrajet/github-testing";
import { createManualClock, type ManualClock } from "@infrajet/github-testing/conformance";
import { expect } from "vitest";
import { tell } from "../../../../.ci/secrets/recording.js";
import type { BranchMove, CommitOrigin } from "../../src/domain/branch-move.js";
import { GitHubSdkError, isGitHubSdkError } from "../../src/errors.js";
import { EventBus, type SdkEventName } from "../../src/events.js";
import type { Logger } from "../../src/logger.js";
import { Secret } from "../../src/secret.js";
import { WebhookEngine } from "../../src/webhooks/webhook-engine.js";
import type { WebhookRequest } from "../../src/webhooks/webhook-request.js";
import type { PushedCommit, WebhookServices } from "../../src/webhooks/webhook-services.js";
import type { WebhookResult } from "../../src/webhooks/webhooks.js";
import { API_URL, APP_ID, GitHubNow } from "./github-now.js";

/** The differences between a delivery and the one that GitHub would send. */
export interface Forgery {
  readonly id?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const EVENTS: readonly SdkEventName[] = [
  "installation.created",
  "installation.removed",
  "installation.suspended",
  "installation.unsuspended",
  "installation.changed",
  "access.changed",
  "push.received",
  "repository.renamed",
  "repository.deleted",
];
// Longer than handlers wait for consistent reads, shorter than their time limit.
const LONG_ENOUGH = 3_000;

/** The sync that made the commits in `ownCommits`. */
export const OWN_SYNC: CommitOrigin = {
  target: { apiUrl: API_URL, repositoryId: 1, branch: "main", source: "project:7/network", directory: "" },
  ...{ direction: "push", parent: null },
};

export const SECRET = "correct horse battery staple";
export const HANDLER_TIMEOUT = 8_000;

/** A host that handles webhooks before it answers them, and a GitHub whose state the test sets. */
export class WebhookFixture {
  readonly clock: ManualClock;
  readonly github = new GitHubNow();
  readonly deliveries: MemoryDeliveryStore;
  readonly locks: MemoryLockStore;
  readonly installations = new MemoryInstallationStore();
  /** The host users by the ID of their GitHub account. */
  readonly accounts = new Map<number, string>();
  /** The IDs of GitHub users whose tokens are revoked. */
  readonly revoked = new Set<number>();
  readonly ownCommits = new Set<string>();
  /** The moves of branches that links were told about. */
  readonly moves: BranchMove[] = [];
  readonly events: [string, unknown][] = [];
  readonly #output: string[] = [];
  readonly bus: EventBus;
  readonly engine: WebhookEngine;

  /** @param other A host with the same clock and the same deliveries, like that of another process. */
  constructor(over: Partial<WebhookServices> = {}, other: WebhookFixture | null = null) {
    this.clock = other?.clock ?? createManualClock();
    this.locks = other?.locks ?? new MemoryLockStore(this.clock);
    this.deliveries = other?.deliveries ?? new MemoryDeliveryStore(this.clock);
    const log = (message: string, fields?: Readonly<Record<string, unknown>>): void => this.record([message, fields]);
    const logger: Logger = { debug: log, info: log, warn: log, error: log };
    this.bus = new EventBus(new MemoryPubSub(), logger);
    for (const name of EVENTS) this.bus.on(name, (payload) => void this.events.push([name, payload]));
    this.engine = new WebhookEngine({
      ...{ apiUrl: API_URL, secrets: [new Secret(SECRET)], allowUnsigned: false },
      ...{ inline: true, sweep: false, handlerTimeout: HANDLER_TIMEOUT },
      ...{ app: this.github.app, clients: this.github.clients, bus: this.bus, clock: this.clock, logger },
      ...{ deliveries: this.deliveries, installations: this.installations },
      accountOfGitHubUser: async (id) => this.#account(id),
      revokedByGitHub: async ({ githubUserId }) => {
        const account = this.#account(githubUserId);
        return account === null ? null : { account, revoked: this.revoked.has(githubUserId) };
      },
      proveRequester: async () => {},
      locks: this.locks,
      recentlySynced: async () => [],
      originOf: async ({ commitId }: PushedCommit) => (this.ownCommits.has(commitId) ? OWN_SYNC : null),
      links: new MemoryLinkStore(),
      branchMoved: async (move) => void this.moves.push(move),
      credentialOf: async () => {
        throw new GitHubSdkError("github_not_connected", "No user is connected.");
      },
      ...over,
    });
  }

  /** Creates a delivery with GitHub's headers and signature, changed by the forgery. */
  request(event: string, payload: object, { id = randomUUID(), secret = SECRET, headers = {} }: Forgery = {}) {
    const body = Buffer.from(JSON.stringify(payload));
    return { headers: { ...signedHeaders(event, id, body, secret), ...headers }, body };
  }

  /** Sends a delivery, and advances the clock past the pauses of its handlers. */
  async deliver(event: string, payload: object, forgery: Forgery = {}): Promise<WebhookResult> {
    return this.send(this.request(event, payload, forgery));
  }

  async send(request: WebhookRequest): Promise<WebhookResult> {
    const result = this.engine.handle(request);
    result.catch(() => {});
    await this.clock.advance(LONG_ENOUGH);
    this.record(await result.catch((error: unknown) => error));
    return result;
  }

  /** Returns the error with which a delivery is rejected. */
  async refusal(result: Promise<unknown>): Promise<GitHubSdkError> {
    const error = await result.then(
      () => {
        throw new Error("The delivery was accepted.");
      },
      (error: unknown) => error,
    );
    if (!isGitHubSdkError(error)) throw error;
    return error;
  }

  /** Installs the App in an account at GitHub. */
  install(installationId: number, account: Installation["account"], over: Partial<Installation> = {}): Installation {
    const at = new Date("2026-01-01T00:00:00Z");
    const installation: Installation = {
      ...{
        apiUrl: API_URL,
        installationId,
        appId: APP_ID,
        account,
        repositorySelection: "selected",
        suspendedAt: null,
      },
      ...{ permissions: { contents: "write" }, events: ["push"], createdAt: at, updatedAt: at },
      ...over,
    };
    this.github.installations.set(installationId, installation);
    return installation;
  }

  /** Returns `true` when an installation is bound to a user. */
  async isBound(installationId: number, userId: string): Promise<boolean> {
    return (await this.installations.findBinding({ apiUrl: API_URL, installationId }, userId)) !== null;
  }

  /** Records output that must not contain secrets. */
  record(value: unknown): void {
    tell(value);
    this.#output.push(inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null, showHidden: true }));
  }

  /** Closes everything, and checks that no secret was logged, thrown, returned or sent as an event. */
  async close(secrets: readonly string[] = []): Promise<void> {
    await this.engine.close();
    await this.bus.close();
    this.record(this.events);
    const output = this.#output.join("\n");
    for (const secret of [SECRET, ...secrets]) expect(output).not.toContain(secret);
    expect(output).not.toMatch(/sha256=[0-9a-f]{64}/);
  }

  #account(githubUserId: number): { userId: string } | null {
    const userId = this.accounts.get(githubUserId);
    return userId === undefined ? null : { userId };
  }
}

/** Returns the headers that GitHub sends with a body. */
export function signedHeaders(event: string, id: string, body: Uint8Array, secret: string): Record<string, string> {
  const signature = announceSecret(createHmac("sha256", announceSecret(secret)).update(body).digest("hex"));
  return {
    "X-GitHub-Event": event,
    "X-GitHub-Delivery": id,
    "X-Hub-Signature-256": `sha256=${signature}`,
  };
}
