import * as z from "zod";
import type { Installation, InstallationKey } from "../domain/installation.js";
import { isGitHubSdkError } from "../errors.js";
import type { SdkEventName } from "../events.js";
import { parseResponse } from "../github/parse-response.js";
import { listRepositories, storedRepositories } from "./installation-repositories.js";
import { readUntilConsistent } from "./read-until-consistent.js";
import type { WebhookPayload } from "./webhook-request.js";
import type { WebhookApp, WebhookServices } from "./webhook-services.js";

const installationSchema = z.object({
  action: z.string(),
  installation: z.object({ id: z.int(), app_id: z.int().optional() }),
  sender: z.object({ id: z.int() }).nullish(),
  // The member whose request an owner approved.
  requester: z.object({ id: z.int() }).nullish(),
});

const memberRemovedSchema = z.object({
  organization: z.object({ id: z.int() }),
  membership: z.object({ user: z.object({ id: z.int(), login: z.string() }).nullish() }),
  installation: z.object({ id: z.int() }).nullish(),
});

const membershipSchema = z.object({
  state: z.string(),
  role: z.string(),
  user: z.object({ id: z.int() }),
  organization: z.object({ id: z.int() }),
});

type InstallationEventName = Extract<SdkEventName, `installation.${string}`>;

/** An installation as last stored and as read from GitHub; `null` when it is unknown or no longer exists. */
interface Reading {
  readonly key: InstallationKey;
  readonly before: Installation | null;
  readonly now: Installation | null;
  /** The time at which the read started. */
  readonly readAt: Date;
}

/** Handles events of the App's installations. It grants and withdraws access only as GitHub's current state confirms. */
export class InstallationEvents {
  readonly #services: WebhookServices;
  readonly #app: WebhookApp;

  constructor(services: WebhookServices, app: WebhookApp) {
    this.#services = services;
    this.#app = app;
  }

  /** Stores the installation's current state, and binds a user who installed the App in the user's own account. */
  async installation(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const { action, installation, sender, requester } = installationSchema.parse(payload);
    if (!this.#isOurs(installation)) return;
    const reading = await this.#read(installation.id, action, signal);
    if (!(await this.#store(reading)) || reading.now === null) return;
    if (action === "created") await this.#bind(reading.now, sender?.id ?? null, reading.readAt);
    await this.#storeRepositories(reading.now, reading.readAt, signal);
    if (action === "created") await this.#proveRequester(installation.id, requester?.id ?? null);
  }

  /** Stores the repositories that the installation can access now. */
  async repositories(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const { action, installation } = installationSchema.parse(payload);
    if (!this.#isOurs(installation)) return;
    const reading = await this.#read(installation.id, action, signal);
    if (!(await this.#store(reading)) || reading.now === null) return;
    const isChanged = await this.#storeRepositories(reading.now, reading.readAt, signal);
    if (isChanged) this.#announce("installation.changed", reading.now);
  }

  /** Withdraws an organization's installation from a user whom GitHub does not confirm as its owner. */
  async memberRemoved(payload: WebhookPayload, signal: AbortSignal): Promise<void> {
    const { organization, membership, installation } = memberRemovedSchema.parse(payload);
    const { user } = membership;
    if (user === undefined || user === null || installation === undefined || installation === null) return;
    const { apiUrl, installations, clock } = this.#services;
    const key = { apiUrl, installationId: installation.id };
    const account = await this.#services.accountOfGitHubUser(user.id);
    if (account === null || (await installations.findBinding(key, account.userId)) === null) return;
    const known = await installations.find(key);
    if (known === null || known.account.id !== organization.id) return;
    const at = new Date(clock.now());
    const owns = await readUntilConsistent(
      () => this.#owns(known, user, signal),
      (isOwner) => !isOwner,
      clock,
      signal,
    );
    if (!owns) await installations.withdraw(key, account.userId, at);
  }

  /** Several Apps may share one webhook secret. */
  #isOurs({ app_id }: { readonly app_id?: number | undefined }): boolean {
    return app_id === undefined || app_id === this.#app.appId;
  }

  async #read(installationId: number, action: string, signal: AbortSignal): Promise<Reading> {
    const { apiUrl, clock, installations } = this.#services;
    const key = { apiUrl, installationId };
    const before = await installations.find(key);
    const read = async (): Promise<Reading> => {
      const readAt = new Date(clock.now());
      return { key, before, now: await this.#app.readInstallation(installationId), readAt };
    };
    return readUntilConsistent(read, ({ now }) => fitsAction(action, now), clock, signal);
  }

  /** Stores a reading; `false` when a newer one is stored. */
  async #store({ key, before, now, readAt }: Reading): Promise<boolean> {
    const { installations } = this.#services;
    const isStored = now === null ? await installations.remove(key, readAt) : await installations.save(now, readAt);
    if (!isStored) return false;
    const name = eventOf(before, now);
    const installation = now ?? before;
    if (name !== null && installation !== null) this.#announce(name, installation);
    return true;
  }

  /** Emits an event, upon which every process discards cached tokens, whose permissions may have changed. */
  #announce(name: InstallationEventName, { installationId, account }: Installation): void {
    this.#services.bus.emit(name, { installationId, accountId: account.id, account: account.login });
  }

  /**
   * Binds the owner of a personal account to its installation. Owners of an organization are not bound here: their own tokens
   * prove ownership at the first use.
   */
  async #bind(installation: Installation, senderId: number | null, provenAt: Date): Promise<void> {
    const { account, apiUrl, installationId, suspendedAt } = installation;
    if (account.type !== "User" || account.id !== senderId || suspendedAt !== null) return;
    const owner = await this.#services.accountOfGitHubUser(account.id);
    if (owner === null) return;
    const { userId } = owner;
    const proven = { githubUserId: account.id, proof: "webhook_sender", provenAt } as const;
    await this.#services.installations.bind({ apiUrl, installationId, userId, ...proven });
  }

  /** Binds the user whose request was approved, when the user's own token proves it. */
  async #proveRequester(installationId: number, requesterId: number | null): Promise<void> {
    const requester = requesterId === null ? null : await this.#services.accountOfGitHubUser(requesterId);
    if (requester !== null) await this.#services.proveRequester({ userId: requester.userId, installationId });
  }

  /** Stores the installation's repositories; `true` when they differ from the stored ones. */
  async #storeRepositories(installation: Installation, readAt: Date, signal: AbortSignal): Promise<boolean> {
    if (installation.suspendedAt !== null) return false;
    const { clients, installations } = this.#services;
    const { installationId } = installation;
    const client = clients.for(this.#app.credential({ installationId, permissions: { metadata: "read" } }));
    const present = await listRepositories(client, signal);
    const stored = await storedRepositories(installations, installation);
    const added = present.filter(({ id }) => !stored.has(id));
    const removed = [...stored].filter((id) => !present.some((repository) => repository.id === id));
    // Another delivery may have stored a newer list.
    if (!(await installations.save(installation, readAt))) return false;
    await installations.changeRepositories(installation, present, removed);
    return added.length + removed.length > 0;
  }

  /**
   * Returns `true` when GitHub confirms the user as an owner. Without the permission to read members it is always `false`.
   *
   * @see https://docs.github.com/en/rest/orgs/members#get-organization-membership-for-a-user
   */
  async #owns(
    { account, installationId }: Installation,
    user: { readonly id: number; readonly login: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const credential = this.#app.credential({ installationId, permissions: { members: "read" } });
    const route = "GET /orgs/{org}/memberships/{username}";
    const parameters = { org: account.login, username: user.login };
    try {
      const response = await this.#services.clients
        .for(credential)
        .request(route, parameters, { signal, expect: [403, 404] });
      if (response.status !== 200) return false;
      const membership = parseResponse(membershipSchema, response);
      const isOwner = membership.state === "active" && membership.role === "admin";
      return isOwner && membership.user.id === user.id && membership.organization.id === account.id;
    } catch (error) {
      if (!isGitHubSdkError(error, "insufficient_permissions") && !isGitHubSdkError(error, "installation_not_found")) {
        throw error;
      }
      return false;
    }
  }
}

function fitsAction(action: string, now: Installation | null): boolean {
  if (action === "deleted") return now === null;
  if (now === null) return false;
  if (action === "suspend") return now.suspendedAt !== null;
  return action !== "unsuspend" || now.suspendedAt === null;
}

function eventOf(before: Installation | null, now: Installation | null): InstallationEventName | null {
  if (now === null) return before === null ? null : "installation.removed";
  if (before === null) return "installation.created";
  if (before.suspendedAt === null && now.suspendedAt !== null) return "installation.suspended";
  if (before.suspendedAt !== null && now.suspendedAt === null) return "installation.unsuspended";
  return fingerprint(before) === fingerprint(now) ? null : "installation.changed";
}

function fingerprint({ account, repositorySelection, permissions, events }: Installation): string {
  const sorted = Object.entries(permissions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([account.id, account.login, repositorySelection, sorted, [...events].sort()]);
}
