import type { Reach } from "../accounts/reach.js";

/** An application that users can authorize: an OAuth app or a GitHub App. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  name: string;
  /** Homepage. */
  url: string;
  /** Registered callback URLs: one for an OAuth app, up to ten for a GitHub App. */
  callbackUrls: readonly string[];
  /** True when GitHub has suspended the application, so that users cannot authorize it. */
  isSuspended: boolean;
  /** True when user tokens expire and have a refresh token. Applies to GitHub Apps only. */
  expiresUserTokens: boolean;
  /** "Enable Device Flow": programs without a browser can ask users to enter a code. */
  deviceFlow: boolean;
  /** Permissions of user tokens; absent for an OAuth app, whose tokens have scopes. */
  readonly reach?: Reach;
}

/** The options of a new OAuth app. */
export interface OAuthAppOptions {
  /** Defaults to a random ID in GitHub's format. */
  clientId?: string;
  /** Defaults to a random secret. */
  clientSecret?: string;
  /** Callback URLs. On GitHub, an OAuth app has one. */
  callbackUrls: readonly string[];
  name?: string;
  /** Homepage. */
  url?: string;
  /** "Enable Device Flow". Defaults to false. */
  deviceFlow?: boolean;
}
