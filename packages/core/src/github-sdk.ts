import type { Clock } from "./adapters/clock.js";
import type { GitHubApp } from "./app/github-app.js";
import type { Connections } from "./connections/connections.js";
import type { DoctorReport } from "./doctor/finding.js";
import type { SdkEventName, SdkEvents } from "./events.js";
import type { Logger } from "./logger.js";
import type { Readiness } from "./readiness.js";
import type { Realtime } from "./realtime/realtime.js";
import type { Syncs } from "./sync/syncs.js";
import type { Webhooks } from "./webhooks/webhooks.js";

/** The SDK, bound to one GitHub: github.com or a GitHub Enterprise Server. */
export interface GitHubSdk {
  /** Syncs of projects to branches. */
  readonly sync: Syncs;
  /**
   * The connections of users to their GitHub accounts.
   *
   * @throws GitHubSdkError `capability_not_configured` without `oauth`, or `app` with a client ID
   */
  readonly connections: Connections;
  /** The GitHub App. @throws GitHubSdkError `capability_not_configured` without `app` */
  readonly app: GitHubApp;
  /** GitHub's webhook deliveries. */
  readonly webhooks: Webhooks;
  /** Live updates for clients. */
  readonly realtime: Realtime;
  /** The logger of the options. Secrets are removed from every message and field. */
  readonly logger: Logger;
  /** Logs to a framework's logger from now on, unless the options have a logger. */
  useDefaultLogger(logger: Logger): void;
  /** Logs to a framework's logger from now on, unless the options have a logger. */
  useDefaultLogger(logger: Logger): void;
  /** The clock of the options. */
  readonly clock: Clock;
  /** The API's base URL, without a trailing slash. */
  readonly apiUrl: string;
  /** GitHub's web address, without a trailing slash. */
  readonly serverUrl: string;
  /** True when `auth` is one token or credential, which is used for the syncs of all users. */
  readonly hasSharedCredential: boolean;
  /**
   * Adds a listener for an event, whichever process emits it.
   *
   * @returns a function that removes the listener
   */
  on<Name extends SdkEventName>(name: Name, listener: (payload: SdkEvents[Name]) => void): () => void;
  /**
   * Checks that the stores, their tables, the source of project files and the queue respond, each within 2 seconds. The result is
   * cached for 2 seconds. Never rejects; the log has the reasons for failed checks.
   */
  ready(): Promise<Readiness>;
  /**
   * Checks the configuration against GitHub, the stored tokens, the stores and the records of syncs. Sends about ten requests; each
   * check ends within 15 seconds. Never rejects.
   */
  doctor(): Promise<DoctorReport>;
  /**
   * Closes the SDK: it accepts no new work, stops running syncs at a safe point and closes all connections. Stopped syncs
   * continue when an SDK with the same stores starts.
   */
  close(): Promise<void>;
}
