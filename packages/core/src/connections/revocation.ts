import type { Connection } from "../domain/connection.js";
import { isGitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";
import type { ConnectionServices } from "./connection-services.js";
import type { OAuthApi } from "./oauth-api.js";
import { configuredClient } from "./oauth-client.js";
import { type HeldToken, heldTokens, type TokenVault } from "./token-vault.js";
import type { UserTokens } from "./user-tokens.js";

/** Takes tokens back at GitHub. It never fails: whether it worked is what it tells. */
export class Revocation {
  readonly #services: Pick<ConnectionServices, "oauthClients" | "logger">;
  readonly #api: OAuthApi;
  readonly #vault: TokenVault;
  readonly #tokens: UserTokens;

  constructor(
    services: Pick<ConnectionServices, "oauthClients" | "logger">,
    api: OAuthApi,
    vault: TokenVault,
    tokens: UserTokens,
  ) {
    this.#services = services;
    this.#api = api;
    this.#vault = vault;
    this.#tokens = tokens;
  }

  /**
   * Takes back the tokens of a connection that is about to be removed.
   *
   * @returns what tells of the removed connection whether GitHub takes none of its tokens any more; one that came meanwhile is
   * taken back then
   */
  async ofConnection(present: Connection, what: "token" | "grant"): Promise<(removed: Connection) => Promise<boolean>> {
    const done = new Map<string, boolean>();
    for (const held of heldTokens(present)) done.set(held.token.version, await this.#ofPresent(held, what));
    return async (removed) => {
      const tokens = heldTokens(removed);
      const revoked = await Promise.all(
        tokens.map((held) => done.get(held.token.version) ?? this.ofReplaced(held, null)),
      );
      return revoked.every(Boolean);
    };
  }

  /** Takes back a token that a connection no longer holds, unless GitHub issued the very same one again. */
  async ofReplaced(held: HeldToken, successor: Secret | null): Promise<boolean> {
    if (held.token.reauthRequired) return true;
    try {
      const accessToken = await this.#vault.accessToken(held);
      if (accessToken.reveal() === successor?.reveal()) return true;
      return await this.#revoke(held, accessToken, "token");
    } catch (error) {
      return this.#failed(held, error);
    }
  }

  /** An expired token is refreshed first: GitHub takes back nothing else, and its refresh token would stay good. */
  async #ofPresent(held: HeldToken, what: "token" | "grant"): Promise<boolean> {
    if (held.token.reauthRequired) return true;
    try {
      return await this.#revoke(held, await this.#tokens.valid(held), what);
    } catch (error) {
      if (isGitHubSdkError(error, "reauth_required")) return true;
      return this.#failed(held, error);
    }
  }

  async #revoke(held: HeldToken, accessToken: Secret, what: "token" | "grant"): Promise<boolean> {
    await this.#api.revoke(configuredClient(this.#services.oauthClients, held.client).client, accessToken, what);
    return true;
  }

  #failed({ connection, client }: HeldToken, error: unknown): false {
    this.#services.logger.warn("A token could not be revoked at GitHub.", { userId: connection.userId, client, error });
    return false;
  }
}
