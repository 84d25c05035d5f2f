import type { Clock } from "../adapters/clock.js";
import type { ConnectionStore } from "../adapters/connection-store.js";
import type { LockStore } from "../adapters/lock-store.js";
import type { StateStore } from "../adapters/state-store.js";
import type { TokenCipher } from "../adapters/token-cipher.js";
import type { ClientName } from "../domain/connection.js";
import type { EventBus } from "../events.js";
import type { Credential } from "../github/credential.js";
import type { GitHubClients } from "../github/github-clients.js";
import type { Logger } from "../logger.js";
import type { OAuthClients } from "./oauth-client.js";

/** An installation ID that a callback carried. It is an unproven claim. */
export interface InstallationClaim {
  readonly installationId: number;
  readonly userId: string;
  readonly githubUserId: number;
  /** The app whose client the user authorized. Only the GitHub App's token can prove an installation. */
  readonly client: ClientName;
  readonly credential: Credential;
}

/** The services that connections work with. */
export interface ConnectionServices {
  /** The API's base URL, without a trailing slash. */
  readonly apiUrl: string;
  /** GitHub's web address, such as `https://github.com`, without a trailing slash. */
  readonly serverUrl: string;
  readonly oauthClients: OAuthClients;
  /** The URL that GitHub redirects the browser to; `null` uses the URL that is registered for the app. */
  readonly redirectUri: string | null;
  /** The scopes that the OAuth App requests by default. GitHub Apps have permissions instead. */
  readonly scopes: readonly string[];
  readonly connections: ConnectionStore;
  readonly states: StateStore;
  readonly locks: LockStore;
  readonly cipher: TokenCipher;
  readonly clients: GitHubClients;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The time limit of one request, in milliseconds. */
  readonly requestTimeout: number;
  /**
   * Proves that the user owns the installation that a callback named, and binds it; `null` without a GitHub App.
   *
   * @throws GitHubSdkError `installation_not_yours` when the user does not own it
   */
  readonly bindInstallation: ((claim: InstallationClaim) => Promise<void>) | null;
  /** Stores that the user requested an installation from the owners of an organization; `null` without a GitHub App. */
  readonly requestInstallation:
    | ((requester: Pick<InstallationClaim, "userId" | "githubUserId"> & { readonly login: string }) => Promise<void>)
    | null;
}
