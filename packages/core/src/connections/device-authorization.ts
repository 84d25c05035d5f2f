import type { Clock } from "../adapters/clock.js";
import { isGitHubSdkError } from "../errors.js";
import { abortable } from "../timing/abortable.js";
import { errorFromSlug } from "./connection-errors.js";
import { MAX_INTERVAL_S } from "./issued-device.js";
import type { IssuedToken } from "./issued-token.js";
import type { OAuthApi } from "./oauth-api.js";

/** The code that a user enters on GitHub to authorize a program. */
export interface DeviceCode {
  /** The code, such as `WDJB-MJHT`. */
  readonly userCode: string;
  /** The page on which the user enters the code. */
  readonly verificationUri: string;
  readonly expiresAt: Date;
}

/** A request to authorize a program that cannot receive a callback. */
export interface DeviceRequest {
  /** Shows the code to the user. Called once. */
  readonly onCode: (code: DeviceCode) => void | Promise<void>;
  /** Ends the wait for the user. */
  readonly signal?: AbortSignal;
}

/** The app that asks, and the services that the authorization works with. */
export interface DeviceContext {
  readonly api: OAuthApi;
  readonly clock: Clock;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

// GitHub adds as much to the interval of a program that asks too often.
const SLOW_DOWN_S = 5;
const TRANSIENT: ReadonlySet<string> = new Set(["github_unavailable", "github_timeout", "rate_limited"]);

/**
 * Asks the user to enter a code on GitHub, and waits until the user has decided, at most until the code expires.
 *
 * @throws GitHubSdkError `authorization_denied`, `oauth_failed` when the code has expired, `oauth_misconfigured`; the signal's reason
 * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
 */
export async function authorizeDevice(
  { api, clock, clientId, scopes }: DeviceContext,
  { onCode, signal }: DeviceRequest,
): Promise<IssuedToken> {
  const device = await api.requestDevice(clientId, scopes);
  const { userCode, verificationUri, expiresAt } = device;
  const signals = signal === undefined ? [] : [signal];
  await abortable(signals, async () => onCode({ userCode, verificationUri, expiresAt: new Date(expiresAt) }));
  let { interval } = device;
  for (;;) {
    await clock.sleep(interval * 1_000, signal);
    if (clock.now() >= expiresAt) throw errorFromSlug("expired_token");
    const polled = await abortable(signals, () => api.pollDevice(clientId, device.deviceCode).catch(waitAfter));
    if ("accessToken" in polled) return polled;
    if (polled.error !== "slow_down") continue;
    interval = Math.min(Math.max(interval + SLOW_DOWN_S, polled.interval ?? 0), MAX_INTERVAL_S);
  }
}

/** The user may still enter the code while GitHub is away. */
function waitAfter(error: unknown): { readonly error: string; readonly interval?: number } {
  if (isGitHubSdkError(error) && TRANSIENT.has(error.code)) return { error: "slow_down" };
  throw error;
}
