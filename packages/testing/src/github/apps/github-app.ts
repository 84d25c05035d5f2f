import type { Account, Permissions } from "../accounts/account.js";
import type { Reach } from "../accounts/reach.js";
import type { OAuthAppOptions, OAuthClient } from "../oauth/oauth-client.js";
import { announceSecret } from "../secret-channel.js";
import type { AppKeys } from "./app-keys.js";

/** The options of a new GitHub App. */
export interface AppOptions extends Partial<OAuthAppOptions> {
  /** Defaults to a slug of the name. */
  slug?: string;
  /** Login of the account that owns the App. Created as a user if it does not exist. */
  owner?: string;
  /** Requested permissions. `metadata: "read"` is always included. */
  permissions?: Permissions;
  /** Subscribed events. `installation`, `installation_repositories` and `github_app_authorization` are always delivered. */
  events?: readonly string[];
  /** URL that users are redirected to after an installation. */
  setupUrl?: string;
  /** True to redirect there also after a change of the selected repositories. Defaults to false. */
  setupOnUpdate?: boolean;
  /** "Request user authorization (OAuth) during installation": redirects to the first callback URL with a code. Defaults to false. */
  requestsUserAuthorization?: boolean;
  /** True when user tokens expire. Defaults to true. */
  expiresUserTokens?: boolean;
  /** URL that deliveries are sent to. */
  webhookUrl?: string;
  /** Receives each delivery instead of `webhookUrl`. */
  webhookHandler?: (request: Request) => Response | Promise<Response>;
  webhookSecret?: string;
  /** Private key as PEM. Defaults to a generated key. */
  privateKey?: string;
}

/** The webhook of an App. */
export interface AppWebhook {
  /** Sent as `X-GitHub-Hook-ID`. */
  id: number;
  /** Empty when the App has no webhook. */
  url: string;
  handler: AppOptions["webhookHandler"];
  /** Absent when deliveries are not signed. */
  secret: string | undefined;
}

/** The members of an App that its options do not contain. */
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
  /** Called once, when the keys are needed, because the generation of a key pair is slow. */
  makeKeys: () => AppKeys;
}

/** A GitHub App. */
export class GitHubApp implements OAuthClient {
  readonly id: number;
  readonly slug: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly owner: Account;
  /** The bot user `{slug}[bot]`, author of commits made with installation tokens. */
  readonly bot: Account;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  name: string;
  url: string;
  callbackUrls: readonly string[];
  isSuspended = false;
  deviceFlow: boolean;
  expiresUserTokens: boolean;
  /** Requested permissions. An installation keeps the permissions that it accepted. */
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
    this.deviceFlow = options.deviceFlow ?? false;
    this.permissions = { metadata: "read", ...options.permissions };
    this.events = options.events ?? [];
    this.setupUrl = options.setupUrl;
    this.setupOnUpdate = options.setupOnUpdate ?? false;
    this.requestsUserAuthorization = options.requestsUserAuthorization ?? false;
    const url = options.webhookUrl ?? "";
    if (options.webhookSecret !== undefined) announceSecret(options.webhookSecret);
    this.webhook = { id: parts.hookId, url, handler: options.webhookHandler, secret: options.webhookSecret };
  }
  /** Private key as PEM in PKCS#1, the format that GitHub generates. */
  get privateKey(): string {
    return this.pair.privateKey;
  }

  /** Private key as PEM in PKCS#8. */
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
