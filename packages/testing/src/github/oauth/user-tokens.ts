import type { Account } from "../accounts/account.js";
import type { Accounts } from "../accounts/accounts.js";
import type { Credential } from "../accounts/credential.js";
import { randomText } from "../random-text.js";
import { announceSecret } from "../secret-channel.js";
import type { OAuthClient } from "./oauth-client.js";

/** A user's token for an application. */
export interface UserToken {
  id: number;
  client: OAuthClient;
  user: Account;
  scopes: readonly string[];
  token: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
  /** Milliseconds since the epoch; absent for a token that does not expire. */
  expiresAt?: number;
  refresh?: { token: string; expiresAt: number };
  /** True for a token of the device flow, which is refreshed without the client's secret. */
  readonly isFromDevice: boolean;
}

/** Lifetime of a GitHub App's user token in seconds. */
export const USER_TOKEN_LIFETIME = 28_800;

/** Lifetime of a refresh token in seconds. */
export const REFRESH_TOKEN_LIFETIME = 15_811_200;

/** Maximum number of tokens per user, application and scopes. A new token revokes the oldest. */
const LIMIT = 10;

/** All tokens of users for applications, and the scopes that users have granted. */
export class UserTokens {
  private readonly tokens = new Set<UserToken>();
  /** All granted scopes by client and user. An entry is the grant. */
  private readonly grants = new Map<string, Set<string>>();

  constructor(
    private readonly accounts: Accounts,
    private readonly nextId: () => number,
    private readonly clock: () => number,
  ) {}

  /** Issues a token. Revokes the oldest of ten tokens with the same scopes. */
  issue(client: OAuthClient, user: Account, scopes: readonly string[], isFromDevice = false): UserToken {
    const alike = this.of(client, user).filter((token) => token.scopes.join() === scopes.join());
    for (const oldest of alike.slice(0, Math.max(0, alike.length - LIMIT + 1))) this.revoke(oldest);
    const now = this.clock();
    const issued = { id: this.nextId(), client, user, scopes, token: "", isFromDevice, createdAt: now, updatedAt: now };
    const token: UserToken = this.renew(issued);
    this.tokens.add(token);
    const granted = this.grants.get(key(client, user)) ?? new Set();
    for (const scope of scopes) granted.add(scope);
    this.grants.set(key(client, user), granted);
    return token;
  }

  /** Exchanges a refresh token for a new pair and revokes the old pair. Returns `undefined` for an invalid refresh token. */
  exchangeRefresh(client: OAuthClient, refreshToken: string): UserToken | undefined {
    const old = this.ofRefreshToken(refreshToken);
    if (old?.client !== client || (old.refresh?.expiresAt ?? 0) <= this.clock()) return undefined;
    this.revoke(old);
    return this.issue(client, old.user, old.scopes, old.isFromDevice);
  }

  /** Returns the token that has this refresh token, also when it is expired. */
  ofRefreshToken(refreshToken: string): UserToken | undefined {
    return [...this.tokens].find(({ refresh }) => refresh?.token === refreshToken);
  }

  /** Returns a client's token by its text, unless it is expired or revoked. */
  find(client: OAuthClient, text: string): UserToken | undefined {
    if (this.accounts.credential(text) === undefined) return undefined;
    return [...this.tokens].find((token) => token.token === text && token.client === client);
  }

  /** Replaces the text of a token and revokes the old one. */
  reset(token: UserToken): UserToken {
    this.accounts.revoke(token.token);
    return this.renew(token);
  }

  /** Revokes a token. */
  revoke(token: UserToken): void {
    this.accounts.revoke(token.token);
    this.tokens.delete(token);
  }

  /** Revokes a user's grant with all tokens. Returns false when there was no grant. */
  revokeGrant(client: OAuthClient, user: Account): boolean {
    for (const token of this.of(client, user)) this.revoke(token);
    return this.grants.delete(key(client, user));
  }

  /** Returns all scopes that a user has granted a client, or `undefined` without a grant. */
  grantedScopes(client: OAuthClient, user: Account): readonly string[] | undefined {
    const granted = this.grants.get(key(client, user));
    return granted === undefined ? undefined : [...granted].sort();
  }

  private of(client: OAuthClient, user: Account): UserToken[] {
    return [...this.tokens].filter((token) => token.client === client && token.user === user);
  }

  private renew(token: UserToken): UserToken {
    const { client, user, scopes } = token;
    const now = this.clock();
    token.token = (client.reach === undefined ? "gho_" : "ghu_") + randomText(36);
    token.updatedAt = now;
    const credential: Credential = {
      token: token.token,
      kind: client.reach === undefined ? "oauth" : "app-user",
      account: user,
      actor: user,
      clientId: client.clientId,
      scopes: new Set(scopes),
      permissions: {},
      ...(client.reach === undefined ? {} : { reach: client.reach }),
    };
    if (client.expiresUserTokens && client.reach !== undefined) {
      token.expiresAt = now + USER_TOKEN_LIFETIME * 1000;
      const refreshToken = announceSecret(`ghr_${randomText(76)}`);
      token.refresh = { token: refreshToken, expiresAt: now + REFRESH_TOKEN_LIFETIME * 1000 };
      credential.expiresAt = token.expiresAt;
    }
    this.accounts.addCredential(credential);
    return token;
  }
}

function key(client: OAuthClient, user: Account): string {
  return `${client.clientId} ${user.id}`;
}
