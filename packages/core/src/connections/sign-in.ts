import type { Connection, ConnectionDraft } from "../domain/connection.js";
import type { OAuthState } from "../domain/oauth-state.js";
import { GitHubSdkError } from "../errors.js";
import { tokenCredential } from "../github/credential.js";
import { unavailableError } from "../github/error-mapping.js";
import type { ConnectionServices } from "./connection-services.js";
import { type IssuedToken, parseScopes } from "./issued-token.js";
import type { OAuthApi } from "./oauth-api.js";
import { configuredClient, type OAuthClient } from "./oauth-client.js";
import type { Revocation } from "./revocation.js";
import { allTokens, type TokenVault } from "./token-vault.js";
import { parseUserProfile, type UserProfile } from "./user-profile.js";

/** The result of a completed authorization. */
export interface SignedIn {
  readonly connection: Connection;
  readonly profile: UserProfile;
}

/** The user who authorized an app, and the app. */
export type TokenOwner = Pick<OAuthState, "userId" | "client">;

/** The services that completing authorizations works with. */
export interface SignInServices extends ConnectionServices {
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly revocation: Revocation;
  readonly closing: AbortSignal;
}

/** Creates a connection from the code of a callback. */
export class SignIn {
  readonly #services: SignInServices;

  constructor(services: SignInServices) {
    this.#services = services;
  }

  /**
   * Exchanges the code with the client that started the authorization, reads the token's account from GitHub, and connects the
   * user with it. A token that is not stored is revoked.
   *
   * @throws GitHubSdkError `oauth_failed`, `oauth_misconfigured`, `github_account_taken`, and the errors of GitHub requests
   */
  async complete(state: OAuthState, code: string): Promise<SignedIn> {
    const { api, oauthClients } = this.#services;
    const { client } = configuredClient(oauthClients, state.client);
    return this.accept(state, await api.exchange(client, { code, ...state }));
  }

  /**
   * Connects the user with the account of a token that was issued to one of the clients.
   *
   * @throws GitHubSdkError as {@link complete}
   */
  async accept(owner: TokenOwner, issued: IssuedToken): Promise<SignedIn> {
    const { client } = configuredClient(this.#services.oauthClients, owner.client);
    try {
      return await this.#connect(owner, client.clientId, issued);
    } catch (error) {
      await this.#discard(client, owner, issued);
      throw error;
    }
  }

  async #connect(owner: TokenOwner, clientId: string, issued: IssuedToken): Promise<SignedIn> {
    const { apiUrl, clock, connections, vault } = this.#services;
    const { profile, scopes } = await this.#identify(issued);
    const { id: githubUserId, login } = profile;
    const key = { apiUrl, userId: owner.userId };
    const token = await vault.seal(key, clientId, issued, scopes);
    const connectedAt = new Date(clock.now());
    const draft: ConnectionDraft = { ...key, githubUserId, login, connectedAt, client: owner.client, clientId, token };
    const saved = await connections.save(draft);
    if (saved.outcome === "account_taken") {
      throw new GitHubSdkError(
        "github_account_taken",
        "This GitHub account is connected to another user. Disconnect it there, or use a different GitHub account.",
      );
    }
    this.#announce(saved.connection, saved.previous, owner);
    await this.#revokeReplaced(saved.connection, saved.previous, issued);
    return { connection: saved.connection, profile };
  }

  /** Reads the token's account. It is not cached, since the user may have switched accounts on GitHub. */
  async #identify(issued: IssuedToken): Promise<{ profile: UserProfile; scopes: readonly string[] }> {
    const { clients, closing } = this.#services;
    const client = clients.for(tokenCredential(issued.accessToken.reveal()));
    const response = await client.request("GET /user", {}, { signal: closing });
    const profile = parseUserProfile(response.data);
    if (profile === null) throw unavailableError(new Error("GitHub's response to GET /user contains no account."));
    return { profile, scopes: issued.scopes ?? parseScopes(response.headers["x-oauth-scopes"] ?? "") };
  }

  #announce({ userId, githubUserId, login }: Connection, previous: Connection | null, { client }: TokenOwner): void {
    const { bus } = this.#services;
    if (previous !== null && previous.githubUserId !== githubUserId) {
      bus.emit("connection.removed", { userId, githubUserId: previous.githubUserId, login: previous.login });
    }
    bus.emit("connection.created", { userId, githubUserId, login, client });
  }

  async #revokeReplaced(connection: Connection, previous: Connection | null, issued: IssuedToken): Promise<void> {
    const kept = new Set(connection.tokens.map(({ version }) => version));
    const replaced = previous === null ? [] : allTokens(previous).filter(({ token }) => !kept.has(token.version));
    for (const held of replaced) await this.#services.revocation.ofReplaced(held, issued.accessToken);
  }

  async #discard(client: OAuthClient, { userId, client: name }: TokenOwner, issued: IssuedToken): Promise<void> {
    try {
      await this.#services.api.revoke(client, issued.accessToken, "token");
    } catch (error) {
      this.#services.logger.warn("A token that was not stored could not be revoked.", {
        userId,
        client: name,
        error,
      });
    }
  }
}
