import type { ReencryptedTokens } from "../adapters/connection-store.js";
import type { CipherContext, TokenCipher } from "../adapters/token-cipher.js";
import type { ClientName, Connection, ConnectionKey, ConnectionToken, TokenSet } from "../domain/connection.js";
import { Secret } from "../secret.js";
import type { IssuedToken } from "./issued-token.js";

/** One token of a connection. */
export interface HeldToken {
  readonly connection: Connection;
  readonly client: ClientName;
  readonly token: ConnectionToken;
}

/** The token that a connection holds for an app; `null` when it holds none. */
export function heldToken(connection: Connection, client: ClientName): HeldToken | null {
  const token = connection.tokens[client];
  return token === null ? null : { connection, client, token };
}

/** All tokens of a connection, the OAuth App's first: it reaches all of the user's repositories. */
export function heldTokens(connection: Connection): readonly HeldToken[] {
  return (["oauth", "app"] as const).flatMap((client) => heldToken(connection, client) ?? []);
}

/** Turns issued tokens into what may be stored and back; each is bound to its user, its GitHub and its place. */
export class TokenVault {
  readonly #cipher: TokenCipher;

  constructor(cipher: TokenCipher) {
    this.#cipher = cipher;
  }

  /** Encrypts what GitHub issued. */
  async seal(
    key: ConnectionKey,
    client: ClientName,
    issued: IssuedToken,
    scopes: readonly string[],
  ): Promise<TokenSet> {
    const { accessToken, refreshToken, accessTokenExpiresAt, refreshTokenExpiresAt } = issued;
    return {
      ...(await this.#encrypt(key, client, accessToken, refreshToken)),
      accessTokenExpiresAt,
      refreshTokenExpiresAt,
      scopes,
    };
  }

  /** @throws GitHubSdkError `store_failed` when it cannot be decrypted */
  async accessToken({ connection, client, token }: HeldToken): Promise<Secret> {
    return new Secret(await this.#cipher.decrypt(token.accessToken, context(connection, client, "access_token")));
  }

  /** `null` for a token that is not refreshed. @throws GitHubSdkError `store_failed` when it cannot be decrypted */
  async refreshToken({ connection, client, token }: HeldToken): Promise<Secret | null> {
    if (token.refreshToken === null) return null;
    return new Secret(await this.#cipher.decrypt(token.refreshToken, context(connection, client, "refresh_token")));
  }

  /** Whether a token is still under a former key. */
  isUnderFormerKey({ token }: HeldToken): boolean {
    const texts = [token.accessToken, token.refreshToken];
    return texts.some((text) => text !== null && this.#cipher.needsReencryption(text));
  }

  /** The same tokens under the present key. @throws GitHubSdkError `store_failed` when they cannot be decrypted */
  async reseal(held: HeldToken): Promise<ReencryptedTokens> {
    return this.#encrypt(held.connection, held.client, await this.accessToken(held), await this.refreshToken(held));
  }

  async #encrypt(
    key: ConnectionKey,
    client: ClientName,
    accessToken: Secret,
    refreshToken: Secret | null,
  ): Promise<ReencryptedTokens> {
    const seal = (text: Secret, field: string) => this.#cipher.encrypt(text.reveal(), context(key, client, field));
    return {
      accessToken: await seal(accessToken, "access_token"),
      refreshToken: refreshToken === null ? null : await seal(refreshToken, "refresh_token"),
    };
  }
}

function context({ apiUrl, userId }: ConnectionKey, client: ClientName, field: string): CipherContext {
  return { owner: JSON.stringify([apiUrl, userId]), field: `${client}.${field}` };
}
