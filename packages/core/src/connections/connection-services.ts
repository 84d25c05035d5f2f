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

/** An installation id that came along with a callback. It is a claim: nothing is proved by it. */
export interface InstallationClaim {
  readonly installationId: number;
  readonly userId: string;
  readonly githubUserId: number;
  /** Whose client the user authorized: only the GitHub App's token can prove an installation. */
  readonly client: ClientName;
  readonly credential: Credential;
}

/** Everything that connections work with. */
export interface ConnectionServices {
  /** The API's base URL, without a slash at the end. */
  readonly apiUrl: string;
  /** GitHub's web address, such as `https://github.com`, without a slash at the end. */
  readonly serverUrl: string;
  readonly oauthClients: OAuthClients;
  /** Where GitHub sends the browser back to; `null` leaves it to what is registered for the app. */
  readonly redirectUri: string | null;
  /** What the OAuth App asks for unless a call says otherwise. GitHub Apps have permissions instead. */
  readonly scopes: readonly string[];
  readonly connections: ConnectionStore;
  readonly states: StateStore;
  readonly locks: LockStore;
  readonly cipher: TokenCipher;
  readonly clients: GitHubClients;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds that one request may take. */
  readonly requestTimeout: number;
  /**
   * Proves and binds an installation that a callback named; `null` when there is no GitHub App.
   *
   * @throws GitHubSdkError when it is not the user's
   */
  readonly bindInstallation: ((claim: InstallationClaim) => Promise<void>) | null;
}
