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
import { type HeldToken, heldToken, heldTokens, type TokenVault } from "./token-vault.js";
import { parseUserProfile, type UserProfile } from "./user-profile.js";

/** What an authorization led to. */
export interface SignedIn {
  readonly connection: Connection;
  readonly profile: UserProfile;
}

/** What completing authorizations works with. */
export interface SignInParts {
  readonly services: ConnectionServices;
  readonly api: OAuthApi;
  readonly vault: TokenVault;
  readonly revocation: Revocation;
  readonly closing: AbortSignal;
}

/** Turns the code of a callback into a connection. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /**
   * Exchanges the code by the client that began, asks GitHub whose token it is, and connects the user with that account. A
   * token that cannot be kept is revoked.
   *
   * @throws GitHubSdkError `oauth_failed`, `oauth_misconfigured`, `github_account_taken`, and what requests to GitHub throw
   */
  async complete(state: OAuthState, code: string): Promise<SignedIn> {
    const { services, api } = this.#parts;
    const { client } = configuredClient(services.oauthClients, state.client);
    const issued = await api.exchange(client, { code, ...state });
    try {
      return await this.#connect(state, issued);
    } catch (error) {
      await this.#discard(client, state, issued);
      throw error;
    }
  }

  async #connect(state: OAuthState, issued: IssuedToken): Promise<SignedIn> {
    const { services, vault } = this.#parts;
    const { profile, scopes } = await this.#identify(issued);
    const { id: githubUserId, login } = profile;
    const key = { apiUrl: services.apiUrl, userId: state.userId };
    const token = await vault.seal(key, state.client, issued, scopes);
    const connectedAt = new Date(services.clock.now());
    const draft: ConnectionDraft = { ...key, githubUserId, login, connectedAt, client: state.client, token };
    const saved = await services.connections.save(draft);
    if (saved.outcome === "account_taken") {
      throw new GitHubSdkError(
        "github_account_taken",
        "This GitHub account is connected to another user. Disconnect it there, or use another GitHub account.",
      );
    }
    this.#announce(saved.connection, saved.previous, state);
    await this.#revokeReplaced(saved.connection, saved.previous, issued);
    return { connection: saved.connection, profile };
  }

  /** Whose token it is, asked anew each time: the user may have switched accounts on GitHub. */
  async #identify(issued: IssuedToken): Promise<{ profile: UserProfile; scopes: readonly string[] }> {
    const { services, closing } = this.#parts;
    const client = services.clients.for(tokenCredential(issued.accessToken.reveal()));
    const answer = await client.request("GET /user", {}, { signal: closing });
    const profile = parseUserProfile(answer.data);
    if (profile === null) throw unavailableError(new Error("GitHub did not say whose token it is."));
    return { profile, scopes: issued.scopes ?? parseScopes(answer.headers["x-oauth-scopes"] ?? "") };
  }

  #announce({ userId, githubUserId, login }: Connection, previous: Connection | null, { client }: OAuthState): void {
    const { bus } = this.#parts.services;
    if (previous !== null && previous.githubUserId !== githubUserId) {
      bus.emit("connection.removed", { userId, githubUserId: previous.githubUserId, login: previous.login });
    }
    bus.emit("connection.created", { userId, githubUserId, login, client });
  }

  async #revokeReplaced(connection: Connection, previous: Connection | null, issued: IssuedToken): Promise<void> {
    const isKept = ({ client, token }: HeldToken): boolean =>
      heldToken(connection, client)?.token.version === token.version;
    const replaced = previous === null ? [] : heldTokens(previous).filter((held) => !isKept(held));
    for (const held of replaced) await this.#parts.revocation.ofReplaced(held, issued.accessToken);
  }

  async #discard(client: OAuthClient, { userId, client: name }: OAuthState, issued: IssuedToken): Promise<void> {
    try {
      await this.#parts.api.revoke(client, issued.accessToken, "token");
    } catch (error) {
      this.#parts.services.logger.warn("A token that was not kept could not be revoked.", {
        userId,
        client: name,
        error,
      });
    }
  }
}
