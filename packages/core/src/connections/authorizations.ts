import { createHash, randomBytes } from "node:crypto";
import { defined } from "../defined.js";
import type { ClientName } from "../domain/connection.js";
import type { OAuthState } from "../domain/oauth-state.js";
import { GitHubSdkError } from "../errors.js";
import { browserHash } from "./browser-binding.js";
import type { ConnectionServices } from "./connection-services.js";
import { configuredClient } from "./oauth-client.js";

/** A request to start an authorization. */
export interface AuthorizeRequest {
  readonly userId: string;
  /**
   * The client's own state, returned unchanged: 16 to 1,000 printable ASCII characters. Defaults to 32 random bytes. It must be
   * random: an attacker who can guess it can connect the attacker's GitHub account to another user.
   */
  readonly state?: string;
  /** The app to authorize. Defaults to the OAuth App, or to the GitHub App when no OAuth App is configured. */
  readonly client?: ClientName;
  /** Replaces the configured scopes. Ignored for a GitHub App, which has permissions instead. */
  readonly scopes?: readonly string[];
  /** The `hash` of a browser binding. Set it when the browser itself will deliver the callback. */
  readonly browser?: string;
}

/** A request to start an installation of the GitHub App. */
export type InstallRequest = Pick<AuthorizeRequest, "userId" | "state" | "browser">;

/** A started authorization: redirect the browser to `url`. */
export interface StartedAuthorization {
  readonly url: string;
  readonly state: string;
}

/** The query parameters of GitHub's redirect to the callback. */
export interface AuthorizationCallback {
  readonly state?: string;
  readonly code?: string;
  /** GitHub's error slug in place of a code, such as `access_denied`. */
  readonly error?: string;
  /** Sent when the GitHub App requests user authorization during installation. */
  readonly installationId?: number;
  /** GitHub's `setup_action`: `request` when the user may not install the App, and GitHub asked an owner to approve it. */
  readonly setupAction?: string;
}

/** A callback that a signed-in host user submits (POST). */
export interface UserCallback extends AuthorizationCallback {
  readonly userId: string;
}

/** A callback that GitHub's redirect delivers from the browser (GET). */
export interface BrowserCallback extends AuthorizationCallback {
  /** The value of the cookie that the browser received when it started the authorization. */
  readonly cookie?: string;
}

const STATE_LIFETIME_MS = 10 * 60_000;
// The characters that RFC 6749 (A.5) allows in a state. A shorter one could be guessed.
const STATE = /^[\x20-\x7e]{16,1000}$/;
const EXPIRED_STATES_PER_BATCH = 500;
const MAX_PENDING_PER_USER = 50;

/**
 * Starts authorizations and consumes their states. A state works once, within 10 minutes, for the user or browser that started.
 * Only the newest 50 authorizations of a user are pending; an older one is discarded.
 */
export class Authorizations {
  readonly #services: ConnectionServices;

  constructor(services: ConnectionServices) {
    this.#services = services;
  }

  /** Starts an authorization. @throws GitHubSdkError `capability_not_configured`, `validation_failed` */
  async begin(request: AuthorizeRequest): Promise<StartedAuthorization> {
    const { oauthClients, serverUrl, redirectUri } = this.#services;
    const { name, client } = configuredClient(oauthClients, request.client);
    const codeVerifier = newCodeVerifier();
    const state = await this.#store(request, { client: name, codeVerifier, redirectUri });
    const scopes = name === "oauth" ? (request.scopes ?? this.#services.scopes) : [];
    const query = new URLSearchParams({
      client_id: client.clientId,
      ...defined({
        redirect_uri: redirectUri ?? undefined,
        scope: scopes.length === 0 ? undefined : scopes.join(" "),
      }),
      state,
      code_challenge: codeChallenge(codeVerifier),
      code_challenge_method: "S256",
    });
    return { url: `${serverUrl}/login/oauth/authorize?${query}`, state };
  }

  /** Stores a state for the App's install page, which supports neither PKCE nor a redirect URI. @throws as {@link begin} */
  async beginInstall(request: InstallRequest): Promise<string> {
    configuredClient(this.#services.oauthClients, "app");
    return this.#store(request, { client: "app", codeVerifier: null, redirectUri: null });
  }

  /** Consumes a state that this user started. @throws GitHubSdkError `invalid_state` */
  async take(userId: string, state: string | undefined): Promise<OAuthState> {
    return authorization(isState(state) ? await this.#services.states.consume(userId, state) : null);
  }

  /** Consumes a state that the browser with this cookie started, for any user. @throws GitHubSdkError `invalid_state` */
  async takeInBrowser(state: string | undefined, cookie: string | undefined): Promise<OAuthState> {
    if (!isState(state) || cookie === undefined || cookie === "") return refuse();
    return authorization(await this.#services.states.consumeByBrowser(state, browserHash(cookie)));
  }

  /** Deletes expired states in batches. @throws the signal's reason */
  async removeExpired(signal: AbortSignal): Promise<void> {
    let removed = EXPIRED_STATES_PER_BATCH;
    while (removed === EXPIRED_STATES_PER_BATCH) {
      signal.throwIfAborted();
      removed = await this.#services.states.removeExpired(EXPIRED_STATES_PER_BATCH);
    }
  }

  async #store(
    { userId, state = randomBytes(32).toString("base64url"), browser }: InstallRequest,
    started: Pick<OAuthState, "client" | "codeVerifier" | "redirectUri">,
  ): Promise<string> {
    if (!isState(state)) {
      throw new GitHubSdkError(
        "validation_failed",
        "`state` must be 16 to 1,000 printable ASCII characters. Use a random value.",
      );
    }
    const expiresAt = new Date(this.#services.clock.now() + STATE_LIFETIME_MS);
    const { states } = this.#services;
    await states.put({ userId, state, ...started, browser: browser ?? null, payload: null, expiresAt });
    await states.keepNewest(userId, MAX_PENDING_PER_USER);
    return state;
  }
}

/** Returns the state if it is one of an authorization. @throws GitHubSdkError `invalid_state` */
function authorization(state: OAuthState | null): OAuthState {
  return state === null || state.payload !== null ? refuse() : state;
}

/** Returns a new PKCE verifier: 32 random bytes, as RFC 7636 (4.1) recommends. */
function newCodeVerifier(): string {
  return randomBytes(32).toString("base64url");
}

/** Returns the S256 challenge of a verifier (RFC 7636, 4.2). */
function codeChallenge(verifier: string): string {
  return createHash("sha256").update(verifier, "ascii").digest("base64url");
}

function isState(state: string | undefined): state is string {
  return typeof state === "string" && STATE.test(state);
}

function refuse(): never {
  throw new GitHubSdkError(
    "invalid_state",
    "The authorization state is unknown, was already used or has expired after 10 minutes. Start the authorization again.",
  );
}
