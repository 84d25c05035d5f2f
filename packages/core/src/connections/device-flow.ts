import { type Clock, systemClock } from "../adapters/clock.js";
import { webAddressOf, withoutTrailingSlash } from "../github/web-address.js";
import type { Secret } from "../secret.js";
import { authorizeDevice, type DeviceRequest } from "./device-authorization.js";
import type { IssuedToken } from "./issued-token.js";
import { OAuthApi } from "./oauth-api.js";

/** The options of {@link createDeviceFlow}. */
export interface DeviceFlowOptions {
  /** The client ID of an OAuth App or a GitHub App with Enable Device Flow. It is not a secret. */
  readonly clientId: string;
  /** The scopes that an OAuth App requests. GitHub Apps have permissions instead. Defaults to none. */
  readonly scopes?: readonly string[];
  /** The API's base URL; `https://HOST/api/v3` for GitHub Enterprise Server. Defaults to `https://api.github.com`. */
  readonly apiUrl?: string;
  /** GitHub's web address. Defaults to `https://github.com`, or to the host of `apiUrl`. */
  readonly serverUrl?: string;
  readonly clock?: Clock;
  /** Ends all requests. */
  readonly signal?: AbortSignal;
}

/** Signs users in to a program that keeps their tokens itself, such as a command-line program. */
export interface DeviceFlow {
  /**
   * Asks the user to enter a code on GitHub, and returns the user's token. Waits at most until the code expires, after 15 minutes.
   *
   * @throws GitHubSdkError `authorization_denied`, `oauth_failed` when the code has expired, `oauth_misconfigured` when the client ID
   * is wrong or device flow is not enabled, `github_unavailable`; the signal's reason
   */
  authorize(request: Pick<DeviceRequest, "onCode">): Promise<IssuedToken>;
  /**
   * Exchanges a refresh token for new tokens. The earlier ones no longer work.
   *
   * @throws GitHubSdkError `reauth_required` when GitHub rejects the refresh token, `github_unavailable`
   */
  refresh(refreshToken: Secret): Promise<IssuedToken>;
  /** Returns `true` when GitHub still accepts the token. @throws GitHubSdkError `github_unavailable` */
  accepts(accessToken: Secret): Promise<boolean>;
}

const TIMEOUT_MS = 10_000;

/**
 * Returns the device flow of an app, for programs that keep the token themselves. With an SDK that has stores, call
 * `sdk.connections.authorizeDevice` instead.
 */
export function createDeviceFlow({
  clientId,
  scopes = [],
  apiUrl = "https://api.github.com",
  serverUrl,
  clock = systemClock,
  signal = new AbortController().signal,
}: DeviceFlowOptions): DeviceFlow {
  const api = new OAuthApi({
    apiUrl: withoutTrailingSlash(apiUrl),
    serverUrl: withoutTrailingSlash(serverUrl ?? webAddressOf(apiUrl)),
    ...{ clock, timeout: TIMEOUT_MS, closing: signal },
  });
  const ended = (error: unknown): never => {
    signal.throwIfAborted();
    throw error;
  };
  return {
    authorize: ({ onCode }) => authorizeDevice({ api, clock, clientId, scopes }, { onCode, signal }).catch(ended),
    refresh: (refreshToken) => api.refresh({ clientId, clientSecret: null }, refreshToken).catch(ended),
    accepts: (accessToken) => api.isAccepted(accessToken).catch(ended),
  };
}
