import type { Connection } from "../domain/connection.js";
import { isGitHubSdkError } from "../errors.js";
import type { Secret } from "../secret.js";
import type { ConnectionServices } from "./connection-services.js";
import type { OAuthApi } from "./oauth-api.js";
import { clientOfToken } from "./oauth-client.js";
import { allTokens, type HeldToken, type TokenVault } from "./token-vault.js";
import type { UserTokens } from "./user-tokens.js";

/** The services that revocation works with. */
export interface RevocationServices extends Pick<ConnectionServices, "oauthClients" | "logger"> {
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly tokens: UserTokens;
}

/** Revokes tokens at GitHub. Its methods do not reject: they return `false` and log when GitHub did not revoke a token. */
export class Revocation {
  readonly #services: RevocationServices;

  constructor(services: RevocationServices) {
    this.#services = services;
  }

  /**
   * Revokes the tokens of a connection that is about to be removed.
   *
   * @returns a function that, given the removed connection, resolves to `true` when all its tokens are revoked; it also
   * revokes tokens that were added in the meantime
   */
  async ofConnection(
    present: Connection,
    scope: "token" | "grant",
  ): Promise<(removed: Connection) => Promise<boolean>> {
    const done = new Map<string, boolean>();
    for (const held of allTokens(present)) done.set(held.token.version, await this.#ofPresent(held, scope));
    return async (removed) => {
      const tokens = allTokens(removed);
      const revoked = await Promise.all(
        tokens.map((held) => done.get(held.token.version) ?? this.ofReplaced(held, null)),
      );
      return revoked.every(Boolean);
    };
  }

  /** Revokes a token that a connection no longer holds, unless GitHub issued the same token again as its successor. */
  async ofReplaced(held: HeldToken, successor: Secret | null): Promise<boolean> {
    if (held.token.reauthRequired) return true;
    try {
      const accessToken = await this.#services.vault.accessToken(held);
      if (accessToken.reveal() === successor?.reveal()) return true;
      return await this.#revoke(held, accessToken, "token");
    } catch (error) {
      return this.#failed(held, error);
    }
  }

  /** Refreshes an expired token first: GitHub revokes only valid access tokens, and the refresh token would stay usable. */
  async #ofPresent(held: HeldToken, scope: "token" | "grant"): Promise<boolean> {
    if (held.token.reauthRequired) return true;
    try {
      // Checked first, since refreshing with another app's client would lose the token.
      clientOfToken(this.#services.oauthClients, held.token);
      return await this.#revoke(held, await this.#services.tokens.valid(held), scope);
    } catch (error) {
      if (isGitHubSdkError(error, "reauth_required")) return true;
      return this.#failed(held, error);
    }
  }

  async #revoke(held: HeldToken, accessToken: Secret, scope: "token" | "grant"): Promise<boolean> {
    const { api, oauthClients } = this.#services;
    return api.revoke(clientOfToken(oauthClients, held.token), accessToken, scope);
  }

  #failed({ connection, client }: HeldToken, error: unknown): false {
    this.#services.logger.warn("A token could not be revoked at GitHub.", { userId: connection.userId, client, error });
    return false;
  }
}
