import { randomBytes } from "node:crypto";
import { defined } from "../defined.js";
import type { ClientName } from "../domain/connection.js";
import type { OAuthState } from "../domain/oauth-state.js";
import { GitHubSdkError } from "../errors.js";
import { browserHash } from "./browser-binding.js";
import type { ConnectionServices } from "./connection-services.js";
import { configuredClient } from "./oauth-client.js";
import { codeChallenge, newCodeVerifier } from "./pkce.js";

/** An authorization that is to begin. */
export interface AuthorizeRequest {
  readonly userId: string;
  /** The client's own state, given back as it is; a random one is made when it is left out. Printable ASCII, up to 1,000. */
  readonly state?: string;
  /** Which app; the OAuth App unless told, the GitHub App where it is the only one. */
  readonly client?: ClientName;
  /** Instead of the configured scopes; a GitHub App's authorization has none. */
  readonly scopes?: readonly string[];
  /** The `hash` of a browser binding, when the callback will come from the browser itself. */
  readonly browser?: string;
}

/** An installation of the GitHub App that is to begin. */
export type InstallRequest = Pick<AuthorizeRequest, "userId" | "state" | "browser">;

/** Where the browser has to go. */
export interface StartedAuthorization {
  readonly url: string;
  readonly state: string;
}

const LIFETIME = 10 * 60_000;
// What RFC 6749 (A.5) lets a state be made of; GitHub gives it back unchanged.
const STATE = /^[\x20-\x7e]{1,1000}$/;
const EXPIRED_AT_ONCE = 500;

/** Begins authorizations, and takes their states back: each of them once, within 10 minutes, from whoever began. */
export class Authorizations {
  readonly #services: ConnectionServices;

  constructor(services: ConnectionServices) {
    this.#services = services;
  }

  /** @throws GitHubSdkError `capability_not_configured`, `validation_failed` */
  async begin(request: AuthorizeRequest): Promise<StartedAuthorization> {
    const { oauthClients, serverUrl, redirectUri } = this.#services;
    const { name, client } = configuredClient(oauthClients, request.client);
    const codeVerifier = newCodeVerifier();
    const state = await this.#remember(request, { client: name, codeVerifier, redirectUri });
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

  /** The state for an App's install page, which takes neither a challenge nor a redirect URI. @throws as {@link begin} */
  async beginInstall(request: InstallRequest): Promise<string> {
    configuredClient(this.#services.oauthClients, "app");
    return this.#remember(request, { client: "app", codeVerifier: null, redirectUri: null });
  }

  /** Takes a state that the user began. @throws GitHubSdkError `invalid_state` */
  async take(userId: string, state: string | undefined): Promise<OAuthState> {
    return (isState(state) ? await this.#services.states.consume(userId, state) : null) ?? refuse();
  }

  /** Takes a state that the browser with this cookie began, whoever its user is. @throws GitHubSdkError `invalid_state` */
  async takeInBrowser(state: string | undefined, cookie: string | undefined): Promise<OAuthState> {
    if (!isState(state) || cookie === undefined || cookie === "") return refuse();
    return (await this.#services.states.consumeByBrowser(state, browserHash(cookie))) ?? refuse();
  }

  /** Deletes expired states, some at a time. @throws the signal's reason */
  async removeExpired(signal: AbortSignal): Promise<void> {
    let removed = EXPIRED_AT_ONCE;
    while (removed === EXPIRED_AT_ONCE) {
      signal.throwIfAborted();
      removed = await this.#services.states.removeExpired(EXPIRED_AT_ONCE);
    }
  }

  async #remember(
    { userId, state = randomBytes(32).toString("base64url"), browser }: InstallRequest,
    begun: Pick<OAuthState, "client" | "codeVerifier" | "redirectUri">,
  ): Promise<string> {
    if (!isState(state)) {
      throw new GitHubSdkError("validation_failed", "The state has to be 1 to 1,000 printable ASCII characters.");
    }
    const expiresAt = new Date(this.#services.clock.now() + LIFETIME);
    await this.#services.states.put({ userId, state, ...begun, browser: browser ?? null, expiresAt });
    return state;
  }
}

function isState(state: string | undefined): state is string {
  return typeof state === "string" && STATE.test(state);
}

function refuse(): never {
  throw new GitHubSdkError(
    "invalid_state",
    "This authorization was not begun here, was completed before or is older than 10 minutes. Begin again.",
  );
}
