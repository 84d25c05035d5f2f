import type { Account } from "../accounts/account.js";
import type { Accounts } from "../accounts/accounts.js";
import type { Credential } from "../accounts/credential.js";
import { randomText } from "../random-text.js";
import { announceSecret } from "../secret-channel.js";
import type { OAuthClient } from "./oauth-client.js";

/** A token that a user gave an application. */
export interface UserToken {
  id: number;
  client: OAuthClient;
  user: Account;
  scopes: readonly string[];
  token: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
  /** Milliseconds since the epoch; absent: it does not expire. */
  expiresAt?: number;
  refresh?: { token: string; expiresAt: number };
}

/** Seconds that a GitHub App's user token and its refresh token live. */
export const USER_TOKEN_LIFETIME = 28_800;
export const REFRESH_TOKEN_LIFETIME = 15_811_200;

/** Tokens that one user may give one application for the same scopes; the oldest makes room. */
const LIMIT = 10;

/** Every token that users gave applications, and what each application was ever granted. */
export class UserTokens {
  private readonly tokens = new Set<UserToken>();
  /** All scopes a user ever granted, by client and user; its entry is the grant. */
  private readonly grants = new Map<string, Set<string>>();

  constructor(
    private readonly accounts: Accounts,
    private readonly nextId: () => number,
    private readonly clock: () => number,
  ) {}

  /** Makes a token. With ten of the same kind already there, the oldest is revoked. */
  issue(client: OAuthClient, user: Account, scopes: readonly string[]): UserToken {
    const alike = this.of(client, user).filter((token) => token.scopes.join() === scopes.join());
    for (const oldest of alike.slice(0, Math.max(0, alike.length - LIMIT + 1))) this.revoke(oldest);
    const now = this.clock();
    const issued = { id: this.nextId(), client, user, scopes, token: "", createdAt: now, updatedAt: now };
    const token: UserToken = this.renew(issued);
    this.tokens.add(token);
    const granted = this.grants.get(key(client, user)) ?? new Set();
    for (const scope of scopes) granted.add(scope);
    this.grants.set(key(client, user), granted);
    return token;
  }

  /** Trades a refresh token for a new pair; the old pair is worthless from then on. Undefined: it is not good. */
  exchangeRefresh(client: OAuthClient, refreshToken: string): UserToken | undefined {
    const old = [...this.tokens].find(({ refresh }) => refresh?.token === refreshToken);
    if (old?.client !== client || (old.refresh?.expiresAt ?? 0) <= this.clock()) return undefined;
    this.revoke(old);
    return this.issue(client, old.user, old.scopes);
  }

  /** The token of that text, when it is this client's and still good. */
  find(client: OAuthClient, text: string): UserToken | undefined {
    if (this.accounts.credential(text) === undefined) return undefined;
    return [...this.tokens].find((token) => token.token === text && token.client === client);
  }

  /** Gives a token another text; the old one is worthless. */
  reset(token: UserToken): UserToken {
    this.accounts.revoke(token.token);
    return this.renew(token);
  }

  revoke(token: UserToken): void {
    this.accounts.revoke(token.token);
    this.tokens.delete(token);
  }

  /** Ends what a user granted a client: all tokens, and what was remembered. Returns false when there was no grant. */
  revokeGrant(client: OAuthClient, user: Account): boolean {
    for (const token of this.of(client, user)) this.revoke(token);
    return this.grants.delete(key(client, user));
  }

  /** All scopes that a user has granted a client; undefined when there is no grant. */
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
