import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import { defined } from "../defined.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { errorFromAnswer, rateLimitedError, unavailableError } from "../github/error-mapping.js";
import type { GitHubResponse } from "../github/github-client.js";
import { createGitHubFetch, type GitHubFetch } from "../github/github-fetch.js";
import { rateLimitOf } from "../github/rate-limit.js";
import type { Secret } from "../secret.js";
import { errorFromSlug } from "./connection-errors.js";
import { type IssuedToken, parseIssuedToken } from "./issued-token.js";
import type { OAuthClient } from "./oauth-client.js";

/** Where the authorization server is. */
export interface OAuthApiOptions {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly clock: Clock;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
  /** Aborted when the SDK is closed. */
  readonly closing: AbortSignal;
}

/** What came with the callback, and what was remembered for it. */
export interface CodeExchange {
  readonly code: string;
  readonly codeVerifier: string | null;
  readonly redirectUri: string | null;
}

const USER_AGENT = "infrajet-github";
const API_VERSION = "2022-11-28";
const UNSPECIFIED_WAIT = 60_000;

const errorSchema = z.object({ error: z.string() });

/**
 * The requests that an app makes with its client secret: its token endpoint, and the management of tokens. None is
 * repeated here, since codes and refresh tokens work once.
 *
 * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 * @see https://docs.github.com/en/rest/apps/oauth-applications
 */
export class OAuthApi {
  readonly #options: OAuthApiOptions;
  readonly #fetch: GitHubFetch;

  constructor(options: OAuthApiOptions) {
    this.#options = options;
    this.#fetch = createGitHubFetch(options.clock, options.timeout);
  }

  /**
   * Exchanges the code of a callback for a token, with the PKCE verifier that belongs to it (RFC 7636).
   *
   * @throws GitHubSdkError `oauth_failed`, `oauth_misconfigured`, and what {@link refresh} throws for want of an answer
   */
  exchange(client: OAuthClient, { code, codeVerifier, redirectUri }: CodeExchange): Promise<IssuedToken> {
    return this.#token(client, {
      code,
      ...defined({ code_verifier: codeVerifier ?? undefined, redirect_uri: redirectUri ?? undefined }),
    });
  }

  /**
   * Exchanges a refresh token for a new pair; GitHub takes neither the refresh token nor its access token afterwards.
   *
   * @throws GitHubSdkError `reauth_required` when GitHub does not take it; `oauth_misconfigured`; `rate_limited`,
   * `github_unavailable`, `github_timeout`, `github_redirect_refused` when there is no answer that counts
   */
  refresh(client: OAuthClient, refreshToken: Secret): Promise<IssuedToken> {
    return this.#token(client, { grant_type: "refresh_token", refresh_token: refreshToken.reveal() });
  }

  /**
   * Asks GitHub whether it still takes a token.
   *
   * @throws GitHubSdkError `oauth_misconfigured`; `rate_limited`, `github_unavailable`, `github_timeout`, `github_rejected`
   */
  async isValid(client: OAuthClient, accessToken: Secret): Promise<boolean> {
    return (await this.#manage(client, "POST", "token", accessToken)) === 200;
  }

  /**
   * Makes a token worthless, or with `grant` everything that the user ever gave the app. One that was gone already is fine.
   *
   * @throws GitHubSdkError as {@link isValid}
   */
  async revoke(client: OAuthClient, accessToken: Secret, what: "token" | "grant"): Promise<void> {
    await this.#manage(client, "DELETE", what, accessToken);
  }

  async #token({ clientId, clientSecret }: OAuthClient, parameters: Record<string, string>): Promise<IssuedToken> {
    const askedAt = this.#options.clock.now();
    const answer = await this.#send(`${this.#options.serverUrl}/login/oauth/access_token`, {
      method: "POST",
      headers: { accept: "application/json", "user-agent": USER_AGENT },
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret.reveal(), ...parameters }),
    });
    // Nobody has that client id.
    if (answer.status === 404) throw errorFromSlug("incorrect_client_credentials");
    // GitHub sends its other refusals with status 200.
    const refusal = errorSchema.safeParse(answer.data);
    if (refusal.success) throw errorFromSlug(refusal.data.error);
    const issued = answer.status === 200 ? parseIssuedToken(answer.data, askedAt) : null;
    if (issued === null)
      throw unavailableError(new Error(`The token endpoint answered ${answer.status} with no token.`));
    return issued;
  }

  async #manage(
    { clientId, clientSecret }: OAuthClient,
    method: "POST" | "DELETE",
    what: "token" | "grant",
    accessToken: Secret,
  ): Promise<number> {
    const basic = Buffer.from(`${clientId}:${clientSecret.reveal()}`, "utf8").toString("base64");
    const answer = await this.#send(`${this.#options.apiUrl}/applications/${encodeURIComponent(clientId)}/${what}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Basic ${basic}`,
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "x-github-api-version": API_VERSION,
      },
      body: JSON.stringify({ access_token: accessToken.reveal() }),
    });
    if (answer.status < 300 || answer.status === 404) return answer.status;
    if (answer.status === 401) throw errorFromSlug("incorrect_client_credentials");
    const route = `/applications/{client_id}/${what}`;
    throw errorFromAnswer({ ...answer, data: null }, { method, route, touchesWorkflows: false });
  }

  async #send(url: string, init: RequestInit): Promise<GitHubResponse> {
    const answer = await this.#answer(url, init);
    const limit = rateLimitOf(answer, this.#options.clock.now());
    if (limit !== null) throw rateLimitedError(limit.waitMs ?? UNSPECIFIED_WAIT);
    if (answer.status >= 500) throw unavailableError(new Error(`GitHub answered ${answer.status}.`));
    return answer;
  }

  async #answer(url: string, init: RequestInit): Promise<GitHubResponse> {
    const { closing } = this.#options;
    try {
      const response = await this.#fetch(url, { ...init, signal: closing });
      const headers = Object.fromEntries(response.headers);
      return { status: response.status, headers, data: parseJson(await response.text()) };
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      if (closing.aborted) throw new GitHubSdkError("cancelled", "The SDK was closed while the request was under way.");
      throw unavailableError(error);
    }
  }
}

/** `null` for what is no JSON: the parser's error would quote the text, which may be a token. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
