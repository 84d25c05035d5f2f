import type { AuthenticationRequest, Authenticator } from "../adapters/authenticator.js";
import { type HostUser, userIdText } from "../domain/host-user.js";
import { GitHubSdkError } from "../errors.js";

/** The host's user who sent a request. */
export interface CallingUser {
  /** The user id as records store it. */
  readonly id: string;
  /** The user as the host's authenticator returned it. */
  readonly host: HostUser;
}

// Records of files that came through an installation are held under such names.
const RESERVED = /^app:\d+$/;

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
  const id = userIdText(host);
  if (RESERVED.test(id)) {
    throw new GitHubSdkError(
      "internal_error",
      "The host's authenticator gave a user id of the form app:NUMBER, which is reserved.",
    );
  }
  return { id, host };
}

/** Returns the token of `Authorization: Bearer TOKEN`; `null` for any other value. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^bearer +([^\s,]+)$/i.exec(authorization ?? "")?.[1] ?? null;
}
