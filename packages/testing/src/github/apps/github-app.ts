import type { Account, Permissions } from "../accounts/account.js";
import type { Reach } from "../accounts/reach.js";
import type { OAuthAppOptions, OAuthClient } from "../oauth/oauth-client.js";
import { announceSecret } from "../secret-channel.js";
import type { AppKeys } from "./app-keys.js";

/** A new GitHub App. */
export interface AppOptions extends Partial<OAuthAppOptions> {
  /** Default: made from the name. */
  slug?: string;
  /** Login of the account it belongs to; made as a user when there is none. */
  owner?: string;
  /** What it asks for; `metadata: "read"` comes with it. */
  permissions?: Permissions;
  /** Events it subscribes to; `installation`, `installation_repositories` and `github_app_authorization` come unasked. */
  events?: readonly string[];
  /** Where people are sent after an installation. */
  setupUrl?: string;
  /** Whether they are sent there after a change of its repositories, too. */
  setupOnUpdate?: boolean;
  /** "Request user authorization (OAuth) during installation": people are sent to the first callback URL, with a code. */
  requestsUserAuthorization?: boolean;
  /** Whether user tokens expire; default true. */
  expiresUserTokens?: boolean;
  /** Where deliveries are sent by HTTP. */
  webhookUrl?: string;
  /** Instead of sending them: gets each delivery as the request that would be sent. */
  webhookHandler?: (request: Request) => Response | Promise<Response>;
  webhookSecret?: string;
  /** PEM; default: a key made for the App. */
  privateKey?: string;
}

/** Where an App's deliveries go. */
export interface AppWebhook {
  /** Sent as `X-GitHub-Hook-ID`. */
  id: number;
  /** Empty: nowhere. */
  url: string;
  handler: AppOptions["webhookHandler"];
  /** Absent: deliveries are not signed. */
  secret: string | undefined;
}

/** What an App consists of that it is not made of by itself. */
interface Parts {
  id: number;
  hookId: number;
  slug: string;
  clientId: string;
  clientSecret: string;
  owner: Account;
  bot: Account;
  createdAt: number;
  reach: Reach;
  /** Asked once, when they are needed: a pair takes a while to make. */
  makeKeys: () => AppKeys;
}

/** A GitHub App: its own identity, and what it asks for. */
export class GitHubApp implements OAuthClient {
  readonly id: number;
  readonly slug: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly owner: Account;
  /** Who its installations' commits belong to: `{slug}[bot]`. */
  readonly bot: Account;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  name: string;
  url: string;
  callbackUrls: readonly string[];
  isSuspended = false;
  expiresUserTokens: boolean;
  /** What it asks for; installations keep what they accepted. */
  permissions: Permissions;
  events: readonly string[];
  setupUrl: string | undefined;
  setupOnUpdate: boolean;
  requestsUserAuthorization: boolean;
  readonly webhook: AppWebhook;
  private readonly makeKeys: () => AppKeys;
  private keys: AppKeys | undefined;
  readonly reach: Reach;

  constructor(parts: Parts, options: AppOptions) {
    this.id = parts.id;
    this.slug = parts.slug;
    this.clientId = parts.clientId;
    this.clientSecret = parts.clientSecret;
    this.owner = parts.owner;
    this.bot = parts.bot;
    this.makeKeys = parts.makeKeys;
    this.createdAt = parts.createdAt;
    this.reach = parts.reach;
    this.name = options.name ?? parts.slug;
    this.url = options.url ?? "https://example.com";
    this.callbackUrls = options.callbackUrls ?? [];
    this.expiresUserTokens = options.expiresUserTokens ?? true;
    this.permissions = { metadata: "read", ...options.permissions };
    this.events = options.events ?? [];
    this.setupUrl = options.setupUrl;
    this.setupOnUpdate = options.setupOnUpdate ?? false;
    this.requestsUserAuthorization = options.requestsUserAuthorization ?? false;
    const url = options.webhookUrl ?? "";
    if (options.webhookSecret !== undefined) announceSecret(options.webhookSecret);
    this.webhook = { id: parts.hookId, url, handler: options.webhookHandler, secret: options.webhookSecret };
  }
  /** PEM, PKCS#1, as GitHub hands it out. */
  get privateKey(): string {
    return this.pair.privateKey;
  }

  /** The same as PKCS#8. */
  get privateKeyPkcs8(): string {
    return this.pair.privateKeyPkcs8;
  }

  get publicKey(): AppKeys["publicKey"] {
    return this.pair.publicKey;
  }

  private get pair(): AppKeys {
    this.keys ??= this.makeKeys();
    return this.keys;
  }
}
