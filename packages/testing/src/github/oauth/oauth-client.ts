import type { Reach } from "../accounts/reach.js";

/** An application that users may authorize: an OAuth app, or the user side of a GitHub App. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  name: string;
  /** Homepage. */
  url: string;
  /** Where users may be sent back to: one for an OAuth app, up to ten for a GitHub App. */
  callbackUrls: readonly string[];
  /** GitHub has suspended the application: nobody can authorize it. */
  isSuspended: boolean;
  /** Whether user tokens expire and come with a refresh token; only a GitHub App's do. */
  expiresUserTokens: boolean;
  /** What user tokens reach; absent for an OAuth app, whose tokens reach what their scopes say. */
  readonly reach?: Reach;
}

/** A new OAuth app. */
export interface OAuthAppOptions {
  /** Default: a random one in GitHub's form. */
  clientId?: string;
  clientSecret?: string;
  /** The registered callback URL comes first; GitHub gives an OAuth app one. */
  callbackUrls: readonly string[];
  name?: string;
  /** Homepage. */
  url?: string;
}
