import { createHash, randomBytes } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import type { StateStore } from "../adapters/state-store.js";
import type { HostUser } from "../domain/host-user.js";
import { userIdText } from "../domain/host-user.js";
import { GitHubSdkError } from "../errors.js";

/** The rights of a ticket. */
export interface RealtimeGrant {
  readonly user: HostUser;
  /** The projects that the ticket is for; `null` for all projects of the user. */
  readonly projectIds: readonly string[] | null;
  /** The time at which a connection that was opened with the ticket ends, in epoch milliseconds. */
  readonly expiresAt: number;
}

/** A ticket that opens one connection. */
export interface RealtimeTicket {
  /** Secret. */
  readonly ticket: string;
  readonly expiresAt: Date;
}

const TICKET_LIFETIME = 30_000;
const MAX_CONNECTION_LIFETIME = 60 * 60_000;
const MAX_TICKETS_PER_USER = 1_000;
/** More than one, so that tickets which are not redeemed are removed faster than they are issued. */
const EXPIRED_PER_TICKET = 10;
const TICKET = /^[\w-]{43}$/;

/** The purpose of the stored states. No browser has this text, which is not a hash. */
const PURPOSE = "realtime-ticket";

const payload = z.object({
  id: z.union([z.string(), z.number()]),
  projectIds: z.array(z.string()).nullable(),
  expiresAt: z.number(),
});

/** Tickets that open one WebSocket or event stream, for clients that cannot send a header. They are stored as hashes. */
export class RealtimeTickets {
  readonly #states: StateStore;
  readonly #clock: Clock;

  constructor(states: StateStore, clock: Clock) {
    this.#states = states;
    this.#clock = clock;
  }

  /**
   * Issues a ticket for 30 seconds and one use. A connection that it opens ends with the user's token, at most one hour later.
   *
   * @param projectIds the projects that it is for, which the caller authorizes; `null` for all projects of the user
   */
  async issue(user: HostUser, projectIds: readonly string[] | null): Promise<RealtimeTicket> {
    const ticket = randomBytes(32).toString("base64url");
    const now = this.#clock.now();
    const expiresAt = new Date(now + TICKET_LIFETIME);
    const end = Math.min(user.expiresAt ?? Number.POSITIVE_INFINITY, now + MAX_CONNECTION_LIFETIME);
    const owner = `${PURPOSE}:${userIdText(user)}`;
    await this.#states.put({
      ...{ userId: owner, state: hashOf(ticket), browser: PURPOSE, expiresAt },
      ...{ client: "oauth", codeVerifier: null, redirectUri: null },
      payload: JSON.stringify({ id: user.id, projectIds, expiresAt: end }),
    });
    await this.#states.keepNewest(owner, MAX_TICKETS_PER_USER);
    await this.#states.removeExpired(EXPIRED_PER_TICKET);
    return { ticket, expiresAt };
  }

  /** Uses a ticket up. @throws GitHubSdkError `unauthenticated` when it is unknown, was used or has expired */
  async redeem(ticket: string): Promise<RealtimeGrant> {
    const stored = TICKET.test(ticket) ? await this.#states.consumeByBrowser(hashOf(ticket), PURPOSE) : null;
    if (stored === null || stored.payload === null) throw invalidTicket();
    const { id, projectIds, expiresAt } = payload.parse(JSON.parse(stored.payload));
    if (expiresAt <= this.#clock.now()) throw invalidTicket();
    return { user: { id }, projectIds, expiresAt };
  }
}

function hashOf(ticket: string): string {
  return createHash("sha256").update(ticket).digest("base64url");
}

function invalidTicket(): GitHubSdkError {
  return new GitHubSdkError("unauthenticated", "The ticket is unknown, was used or has expired. Request a new one.");
}
