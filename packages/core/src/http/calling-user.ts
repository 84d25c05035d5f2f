import type { AuthenticationRequest, Authenticator } from "../adapters/authenticator.js";
import { type HostUser, userIdText } from "../domain/host-user.js";
import { GitHubSdkError } from "../errors.js";

/** The host user who calls. */
export interface CallingUser {
  /** As records hold it. */
  readonly id: string;
  /** As the host's authenticator gave it. */
  readonly host: HostUser;
}

/**
 * Asks the host who sent a request.
 *
 * @throws GitHubSdkError `unauthenticated` when the request proves nobody; what the authenticator throws when it cannot tell
 */
export async function authenticate(authenticator: Authenticator, request: AuthenticationRequest): Promise<CallingUser> {
  const host = await authenticator.authenticate(request);
  if (host === null) {
    throw new GitHubSdkError(
      "unauthenticated",
      "The request does not prove who sent it. Log in, and send a valid token.",
    );
  }
  return { id: userIdText(host), host };
}

/** The token of `Authorization: Bearer`; `null` when there is none, or more than that. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^bearer +([^\s,]+)$/i.exec(authorization ?? "")?.[1] ?? null;
}
