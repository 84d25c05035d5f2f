import type { AuthenticationRequest, Authenticator } from "../adapters/authenticator.js";
import { type HostUser, userIdText } from "../domain/host-user.js";
import { GitHubSdkError } from "../errors.js";
import type { RealtimeGrant, RealtimeTickets } from "../realtime/realtime-tickets.js";

/** The host's user who sent a request. */
export interface CallingUser {
  /** The user id as records store it. */
  readonly id: string;
  /** The user as the host's authenticator returned it. */
  readonly host: HostUser;
  /** The rights of the ticket with which the user opened a connection. */
  readonly grant?: RealtimeGrant;
}

/**
 * Authenticates a request.
 *
 * @throws GitHubSdkError `unauthenticated` without valid credentials; errors of the authenticator
 */
export async function authenticate(authenticator: Authenticator, request: AuthenticationRequest): Promise<CallingUser> {
  const host = await authenticator.authenticate(request);
  if (host === null) {
    throw new GitHubSdkError("unauthenticated", "Missing or invalid token. Log in and send a valid token.");
  }
  return { id: userIdText(host), host };
}

/** Returns the user of a ticket, which is used up. @throws GitHubSdkError `unauthenticated` */
export async function redeemTicket(tickets: RealtimeTickets, ticket: string): Promise<CallingUser> {
  const grant = await tickets.redeem(ticket);
  return { id: userIdText(grant.user), host: grant.user, grant };
}

/** Returns the token of `Authorization: Bearer TOKEN`; `null` for any other value. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^bearer +([^\s,]+)$/i.exec(authorization ?? "")?.[1] ?? null;
}
