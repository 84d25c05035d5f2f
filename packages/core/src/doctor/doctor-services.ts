import type { Clock } from "../adapters/clock.js";
import type { SyncRecordStore } from "../adapters/sync-record-store.js";

/** A response of GitHub to the App, with lower-case header names. */
export interface AppResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly data: unknown;
}

/** The GitHub App that is checked. */
export interface ExaminedApp {
  readonly appId: number;
  readonly slug: string | null;
  readonly clientId: string | null;
  readonly webhookSecrets: number;
  readonly allowUnsignedWebhooks: boolean;
  /** Sends a request as the App. @throws the errors of GitHub requests */
  request(route: string, parameters: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<AppResponse>;
  /** Sends a request as an installation. @throws the errors of GitHub requests */
  requestAs(
    installationId: number,
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<AppResponse>;
  /** Returns the permissions that the SDK uses and that are not granted, such as `["workflows:write"]`. */
  missingPermissions(granted: Readonly<Record<string, string>>): readonly string[];
}

/** The connections that are checked. */
export interface ExaminedConnections {
  readonly redirectUri: string | null;
  /** Returns the names of the apps, `oauth` or `app`, whose client ID and secret GitHub rejects. */
  rejectedClients(): Promise<readonly string[]>;
  /** Decrypts stored tokens, at most `limit` connections. */
  examineTokens(limit: number): Promise<{ readonly examined: number; readonly failed: number }>;
}

/** The services that the checks need of the other features. */
export interface DoctorServices {
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly clock: Clock;
  readonly records: SyncRecordStore;
  /** True when the stores are in memory, so that a restart loses them. */
  readonly isInMemory: boolean;
  /** `null` when no App is configured. */
  readonly app: ExaminedApp | null;
  /** `null` when users cannot connect accounts. */
  readonly connections: ExaminedConnections | null;
  readonly readiness: () => Promise<{
    readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly text: string } | undefined>>;
  }>;
  readonly webhookHealth: () => Promise<{
    readonly waiting: number;
    readonly oldestWaitingAt: Date | null;
    readonly failed: number;
  }>;
}
