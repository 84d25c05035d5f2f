import type { ReencryptedTokens } from "../adapters/connection-store.js";
import type { CipherContext, TokenCipher } from "../adapters/token-cipher.js";
import type { ClientName, Connection, ConnectionKey, ConnectionToken, TokenSet } from "../domain/connection.js";
import { Secret } from "../secret.js";
import type { IssuedToken } from "./issued-token.js";
import type { OAuthClients } from "./oauth-client.js";

/** A token of a connection, with the connection and the app that it belongs to. */
export interface HeldToken {
  readonly connection: Connection;
  readonly client: ClientName;
  readonly token: ConnectionToken;
}

/** Returns the token that a connection holds for a configured app, or `null`. */
export function heldToken(connection: Connection, client: ClientName, clients: OAuthClients): HeldToken | null {
  const token = connection.tokens.find(({ clientId }) => clientId === clients[client]?.clientId);
  return token === undefined ? null : { connection, client, token };
}

/** Returns a connection's tokens of the configured apps, the OAuth App's first, since it covers all of the user's repositories. */
export function heldTokens(connection: Connection, clients: OAuthClients): readonly HeldToken[] {
  return (["oauth", "app"] as const).flatMap((client) => heldToken(connection, client, clients) ?? []);
}

/** Returns all tokens of a connection, including those of apps that are not configured here. */
export function allTokens(connection: Connection): readonly HeldToken[] {
  return connection.tokens.map((token) => ({ connection, client: token.client, token }));
}

/** Encrypts and decrypts stored tokens. Each ciphertext is bound to its user, its GitHub, its client ID and its field. */
export class TokenVault {
  readonly #cipher: TokenCipher;

  constructor(cipher: TokenCipher) {
    this.#cipher = cipher;
  }

  /** Encrypts the tokens that GitHub issued. */
  async seal(key: ConnectionKey, clientId: string, issued: IssuedToken, scopes: readonly string[]): Promise<TokenSet> {
    const { accessToken, refreshToken, accessTokenExpiresAt, refreshTokenExpiresAt } = issued;
    return {
      ...(await this.#encrypt(key, clientId, accessToken, refreshToken)),
      accessTokenExpiresAt,
      refreshTokenExpiresAt,
      scopes,
    };
  }

  /** Decrypts the access token. @throws GitHubSdkError `store_failed` when it cannot be decrypted */
  async accessToken({ connection, token }: HeldToken): Promise<Secret> {
    return new Secret(
      await this.#cipher.decrypt(token.accessToken, context(connection, token.clientId, "access_token")),
    );
  }

  /** Decrypts the refresh token; `null` when there is none. @throws GitHubSdkError `store_failed` when it cannot be decrypted */
  async refreshToken({ connection, token }: HeldToken): Promise<Secret | null> {
    if (token.refreshToken === null) return null;
    return new Secret(
      await this.#cipher.decrypt(token.refreshToken, context(connection, token.clientId, "refresh_token")),
    );
  }

  /** Returns `true` when a token is encrypted with a former key. */
  isUnderFormerKey({ token }: HeldToken): boolean {
    const texts = [token.accessToken, token.refreshToken];
    return texts.some((text) => text !== null && this.#cipher.needsReencryption(text));
  }

  /** Re-encrypts the tokens with the current key. @throws GitHubSdkError `store_failed` when they cannot be decrypted */
  async reseal(held: HeldToken): Promise<ReencryptedTokens> {
    return this.#encrypt(
      held.connection,
      held.token.clientId,
      await this.accessToken(held),
      await this.refreshToken(held),
    );
  }

  async #encrypt(
    key: ConnectionKey,
    clientId: string,
    accessToken: Secret,
    refreshToken: Secret | null,
  ): Promise<ReencryptedTokens> {
    const seal = (text: Secret, field: string) => this.#cipher.encrypt(text.reveal(), context(key, clientId, field));
    return {
      accessToken: await seal(accessToken, "access_token"),
      refreshToken: refreshToken === null ? null : await seal(refreshToken, "refresh_token"),
    };
  }
}

function context({ apiUrl, userId }: ConnectionKey, clientId: string, field: string): CipherContext {
  return { owner: JSON.stringify([apiUrl, userId]), field: `${clientId}.${field}` };
}
