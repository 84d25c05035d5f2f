import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import { closedError } from "../closed-error.js";
import { defined } from "../defined.js";
import { isGitHubSdkError } from "../errors.js";
import { errorFromResponse, rateLimitedError, unavailableError } from "../github/error-mapping.js";
import type { GitHubResponse } from "../github/github-client.js";
import { createGitHubFetch, type GitHubFetch } from "../github/github-fetch.js";
import { rateLimitOf } from "../github/rate-limit.js";
import { Secret } from "../secret.js";
import { errorFromSlug } from "./connection-errors.js";
import { type IssuedDevice, parseIssuedDevice } from "./issued-device.js";
import { type IssuedToken, parseIssuedToken } from "./issued-token.js";
import type { OAuthClient } from "./oauth-client.js";

/** The services that {@link OAuthApi} works with. */
export interface OAuthApiServices {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly clock: Clock;
  /** The time limit of one request, in milliseconds. */
  readonly timeout: number;
  /** Aborted when the SDK is closed. */
  readonly closing: AbortSignal;
}

/** The code of a callback, with the verifier and redirect URI that were stored for it. */
export interface CodeExchangeRequest {
  readonly code: string;
  readonly codeVerifier: string | null;
  readonly redirectUri: string | null;
}

const USER_AGENT = "infrajet-github";
const API_HEADERS = {
  accept: "application/vnd.github+json",
  "user-agent": USER_AGENT,
  "x-github-api-version": "2022-11-28",
};
const DEFAULT_RATE_LIMIT_WAIT_MS = 60_000;

const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
/** Errors of a code that the user has not entered yet. */
const WAITING: ReadonlySet<string> = new Set(["authorization_pending", "slow_down"]);

/** Has the form of a token, and belongs to no user. */
const UNKNOWN_TOKEN = new Secret(`gho_${"0".repeat(36)}`);

const errorSchema = z.object({ error: z.string(), interval: z.number().optional().catch(undefined) });

/** The client of a token request. A device has no secret. */
interface TokenClient {
  readonly clientId: string;
  readonly clientSecret: Secret | null;
}

/** The error of a token request. */
type TokenRefusal = z.infer<typeof errorSchema>;

/**
 * Sends the requests that an app authenticates with its client secret: to the token endpoint, and to check and revoke
 * tokens. It never retries, since codes and refresh tokens work once.
 *
 * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 * @see https://docs.github.com/en/rest/apps/oauth-applications
 */
export class OAuthApi {
  readonly #services: OAuthApiServices;
  readonly #fetch: GitHubFetch;

  constructor(services: OAuthApiServices) {
    this.#services = services;
    this.#fetch = createGitHubFetch(services.clock, services.timeout);
  }

  /**
   * Exchanges the code of a callback for a token, with its PKCE verifier (RFC 7636).
   *
   * @throws GitHubSdkError `oauth_failed`, `oauth_misconfigured`; `rate_limited`, `github_unavailable`, `github_timeout`,
   * `github_redirect_refused`
   */
  exchange(client: OAuthClient, { code, codeVerifier, redirectUri }: CodeExchangeRequest): Promise<IssuedToken> {
    return this.#token(client, {
      code,
      ...defined({ code_verifier: codeVerifier ?? undefined, redirect_uri: redirectUri ?? undefined }),
    });
  }

  /**
   * Requests the codes of a device.
   *
   * @throws GitHubSdkError `oauth_misconfigured` when GitHub does not know the client, or device flow is not enabled; the errors
   * of {@link exchange}
   * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps#device-flow
   */
  async requestDevice(clientId: string, scopes: readonly string[]): Promise<IssuedDevice> {
    const requestedAt = this.#services.clock.now();
    const scope = scopes.length === 0 ? {} : { scope: scopes.join(" ") };
    const response = await this.#post("/login/device/code", { client_id: clientId, ...scope });
    const refusal = refusalOf(response);
    if (refusal !== null) throw errorFromSlug(refusal.error);
    const issued = response.status === 200 ? parseIssuedDevice(response.data, requestedAt) : null;
    if (issued !== null) return issued;
    throw unavailableError(new Error(`The device endpoint responded with ${response.status} and without a code.`));
  }

  /**
   * Requests the token of a device, whose user may have entered the code. Returns GitHub's refusal for a code that still waits.
   *
   * @throws GitHubSdkError `authorization_denied`, `oauth_failed` when the code has expired; the errors of {@link exchange}
   */
  async pollDevice(clientId: string, deviceCode: Secret): Promise<IssuedToken | TokenRefusal> {
    const polled = await this.#requestToken(
      { clientId, clientSecret: null },
      { grant_type: DEVICE_GRANT, device_code: deviceCode.reveal() },
    );
    if ("error" in polled && !WAITING.has(polled.error)) throw errorFromSlug(polled.error);
    return polled;
  }

  /**
   * Exchanges a refresh token for a new pair. GitHub then rejects the former refresh token and its access token.
   *
   * @throws GitHubSdkError `reauth_required` when GitHub rejects the refresh token; `oauth_misconfigured`; `rate_limited`,
   * `github_unavailable`, `github_timeout`, `github_redirect_refused` when GitHub sends no usable response
   * @param client without a secret for the token of a device
   */
  refresh(client: TokenClient, refreshToken: Secret): Promise<IssuedToken> {
    return this.#token(client, { grant_type: "refresh_token", refresh_token: refreshToken.reveal() });
  }

  /**
   * Returns `true` when GitHub still accepts a token. A 404 is confirmed by a request with the token itself, since GitHub also
   * sends it for the token of a different app.
   *
   * @throws GitHubSdkError `oauth_misconfigured`; `rate_limited`, `github_unavailable`, `github_timeout`, `github_rejected`
   */
  async isValid(client: OAuthClient, accessToken: Secret): Promise<boolean> {
    const status = await this.#manage(client, "POST", "token", accessToken);
    return status === 404 ? this.isAccepted(accessToken) : status === 200;
  }

  /** Returns `false` when GitHub rejects the client's ID and secret. @throws GitHubSdkError as {@link isValid} */
  async acceptsClient(client: OAuthClient): Promise<boolean> {
    try {
      await this.#manage(client, "POST", "token", UNKNOWN_TOKEN);
      return true;
    } catch (error) {
      if (isGitHubSdkError(error, "oauth_misconfigured")) return false;
      throw error;
    }
  }

  /**
   * Revokes a token, or with `grant` the user's whole authorization of the app.
   *
   * @returns `true` when GitHub no longer accepts the token; `false` when GitHub does not find it for this app and still accepts
   * it, as after a change of the client ID
   *
   * @throws GitHubSdkError as {@link isValid}
   */
  async revoke(client: OAuthClient, accessToken: Secret, scope: "token" | "grant"): Promise<boolean> {
    const status = await this.#manage(client, "DELETE", scope, accessToken);
    return status !== 404 || !(await this.isAccepted(accessToken));
  }

  /** Sends one request with the token. @throws GitHubSdkError when the response does not tell if GitHub accepts the token */
  async isAccepted(accessToken: Secret): Promise<boolean> {
    const response = await this.#send(`${this.#services.apiUrl}/user`, {
      method: "GET",
      headers: { ...API_HEADERS, authorization: `Bearer ${accessToken.reveal()}` },
    });
    if (response.status === 200) return true;
    if (response.status === 401) return false;
    throw errorFromResponse({ ...response, data: null }, { method: "GET", route: "/user", touchesWorkflows: false });
  }

  async #token(client: TokenClient, parameters: Record<string, string>): Promise<IssuedToken> {
    const response = await this.#requestToken(client, parameters);
    if ("error" in response) throw errorFromSlug(response.error);
    return response;
  }

  async #requestToken(
    { clientId, clientSecret }: TokenClient,
    parameters: Record<string, string>,
  ): Promise<IssuedToken | TokenRefusal> {
    const requestedAt = this.#services.clock.now();
    const secret = clientSecret === null ? {} : { client_secret: clientSecret.reveal() };
    const response = await this.#post("/login/oauth/access_token", { client_id: clientId, ...secret, ...parameters });
    const refusal = refusalOf(response);
    if (refusal !== null) return refusal;
    const issued = response.status === 200 ? parseIssuedToken(response.data, requestedAt) : null;
    if (issued === null)
      throw unavailableError(new Error(`The token endpoint responded with ${response.status} and without a token.`));
    return issued;
  }

  #post(path: string, parameters: Record<string, string>): Promise<GitHubResponse> {
    return this.#send(`${this.#services.serverUrl}${path}`, {
      method: "POST",
      headers: { accept: "application/json", "user-agent": USER_AGENT },
      body: new URLSearchParams(parameters),
    });
  }

  async #manage(
    { clientId, clientSecret }: OAuthClient,
    method: "POST" | "DELETE",
    scope: "token" | "grant",
    accessToken: Secret,
  ): Promise<number> {
    const basic = Buffer.from(`${clientId}:${clientSecret.reveal()}`, "utf8").toString("base64");
    const response = await this.#send(
      `${this.#services.apiUrl}/applications/${encodeURIComponent(clientId)}/${scope}`,
      {
        method,
        headers: {
          ...API_HEADERS,
          authorization: `Basic ${basic}`,
          "content-type": "application/json",
        },
        body: JSON.stringify({ access_token: accessToken.reveal() }),
      },
    );
    if (response.status < 300 || response.status === 404) return response.status;
    if (response.status === 401) throw errorFromSlug("incorrect_client_credentials");
    const route = `/applications/{client_id}/${scope}`;
    throw errorFromResponse({ ...response, data: null }, { method, route, touchesWorkflows: false });
  }

  async #send(url: string, init: RequestInit): Promise<GitHubResponse> {
    const response = await this.#receive(url, init);
    const limit = rateLimitOf(response, this.#services.clock.now());
    if (limit !== null) throw rateLimitedError(limit.waitMs ?? DEFAULT_RATE_LIMIT_WAIT_MS);
    if (response.status >= 500) throw unavailableError(new Error(`GitHub responded with ${response.status}.`));
    return response;
  }

  async #receive(url: string, init: RequestInit): Promise<GitHubResponse> {
    const { closing } = this.#services;
    try {
      const response = await this.#fetch(url, { ...init, signal: closing });
      const headers = Object.fromEntries(response.headers);
      return { status: response.status, headers, data: parseJson(await response.text()) };
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      if (closing.aborted) throw closedError();
      throw unavailableError(error);
    }
  }
}

/** Returns the error of a response; `null` when it has none. GitHub responds with 404 to an unknown client ID. */
function refusalOf({ status, data }: GitHubResponse): TokenRefusal | null {
  if (status === 404) return { error: "incorrect_client_credentials" };
  // GitHub sends its other errors with status 200.
  return errorSchema.safeParse(data).data ?? null;
}

/** Returns `null` for invalid JSON: the parser's error would quote the text, which may contain a token. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
