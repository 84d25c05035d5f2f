import type { AuthenticationRequest, Authenticator } from "../adapters/authenticator.js";
import type { HostUser } from "../domain/host-user.js";

/** An authenticator with fixed bearer tokens, for development and tests. */
export class MemoryAuthenticator implements Authenticator {
  readonly #users: ReadonlyMap<string, HostUser>;

  /** @param users the users by token */
  constructor(users: Readonly<Record<string, HostUser>>) {
    this.#users = new Map(Object.entries(users).map(([token, { id }]) => [token, { id }]));
  }

  async authenticate({ bearerToken }: AuthenticationRequest): Promise<HostUser | null> {
    const user = bearerToken === null ? undefined : this.#users.get(bearerToken);
    return user === undefined ? null : { ...user };
  }
}
