import type { SignJwt } from "./app/app-jwt.js";
import type { AuthorizeInstallation } from "./app/app-services.js";
import type { InstallationMembers } from "./app/installation-members.js";

/** The OAuth client of an app, as shown on its settings page. */
export interface OAuthClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The OAuth App that users authorize. */
export interface OAuthAppOptions extends OAuthClientOptions {
  /** The requested scopes. Defaults to `repo`, `workflow`, `read:user` and `user:email`. */
  readonly scopes?: readonly string[];
}

/** The host's GitHub App. */
export interface GitHubAppOptions extends Partial<OAuthClientOptions> {
  readonly appId: number;
  /** The private key as PEM (PKCS#1 or PKCS#8). Newlines may be written as `\n`. Required without `signJwt`. */
  readonly privateKey?: string;
  /** Signs the App's JSON Web Tokens in place of `privateKey`, for example with a key management service. */
  readonly signJwt?: SignJwt;
  /** The last part of `https://github.com/apps/SLUG`. Required for install links. */
  readonly slug?: string;
  /** The secrets of the webhook. Set several while one is being replaced. */
  readonly webhookSecrets?: readonly string[];
  /** Decides if a user may use an installation. Replaces the proof of ownership at GitHub. */
  readonly authorizeInstallation?: AuthorizeInstallation;
  /**
   * The users who may use the installation of an organization: its `owners`, or with `repository` also users whose own token has the
   * right to the repository of the operation. Such a user can write files there and get tokens for it that allow no more than reading and
   * pushing, and nothing else. Defaults to `owners`.
   */
  readonly installationMembers?: InstallationMembers;
  /** Accepts unsigned webhooks while no secret is set. For development only. */
  readonly allowUnsignedWebhooks?: boolean;
}

/** The options of webhooks. */
export interface WebhookOptions {
  /**
   * Runs the handlers of a delivery before it is answered, within 8 seconds, instead of storing it and running them afterwards.
   * Defaults to `false`.
   */
  readonly inline?: boolean;
  /**
   * Calls `sdk.webhooks.recover()` at start and every 10 minutes, in one of all processes at a time. Without a GitHub App, only the
   * branches of links are compared. Defaults to `true`.
   */
  readonly sweep?: boolean;
}
