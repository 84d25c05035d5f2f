import { randomBytes } from "node:crypto";
import type { Account } from "../accounts/account.js";
import type { Accounts } from "../accounts/accounts.js";
import { randomText } from "../random-text.js";
import { announceSecret } from "../secret-channel.js";
import { AuthorizationCodes } from "./authorization-codes.js";
import { DeviceCodes } from "./device-codes.js";
import type { OAuthAppOptions, OAuthClient } from "./oauth-client.js";
import { UserTokens } from "./user-tokens.js";

/** The applications that users can authorize, with their codes and tokens. */
export class OAuth {
  readonly codes: AuthorizationCodes;
  /** The codes of devices that wait for a user. */
  readonly devices: DeviceCodes;
  readonly tokens: UserTokens;
  private readonly clients = new Map<string, OAuthClient>();

  constructor(accounts: Accounts, nextId: () => number, clock: () => number) {
    this.codes = new AuthorizationCodes(clock);
    this.devices = new DeviceCodes(clock);
    this.tokens = new UserTokens(accounts, nextId, clock);
  }

  /** Registers an OAuth app. Throws when the client ID is taken. */
  addApp({ clientId, clientSecret, callbackUrls, name, url, deviceFlow }: OAuthAppOptions): OAuthClient {
    return this.add({
      clientId: clientId ?? `Ov23li${randomText(14)}`,
      clientSecret: clientSecret ?? randomBytes(20).toString("hex"),
      name: name ?? "An OAuth app",
      url: url ?? "https://example.com",
      callbackUrls,
      isSuspended: false,
      deviceFlow: deviceFlow ?? false,
      expiresUserTokens: false,
    });
  }

  /** Registers a client. Throws when the client ID is taken. */
  add<T extends OAuthClient>(client: T): T {
    if (this.clients.has(client.clientId)) throw new Error(`${client.clientId} already exists`);
    announceSecret(client.clientSecret);
    this.clients.set(client.clientId, client);
    return client;
  }

  /** Returns the client with an ID. */
  find(clientId: string): OAuthClient | undefined {
    return this.clients.get(clientId);
  }

  /** Returns the scopes of an authorization request without `scope`: all that the user has granted before. */
  scopesOf(client: OAuthClient, user: Account): readonly string[] {
    return this.tokens.grantedScopes(client, user) ?? [];
  }
}
