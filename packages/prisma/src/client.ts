import type { DeliveryTable } from "./delivery-table.js";
import type { ConflictResolutionRow } from "./stores/resolution-row.js";
import type { Columns, FindArgs, Table, Where } from "./table.js";

/** A row of `github_connections`. */
export interface ConnectionRow {
  readonly key: string;
  readonly accountKey: string;
  readonly apiUrl: string;
  readonly userId: string;
  readonly githubUserId: bigint;
  readonly login: string;
  readonly connectedAt: Date;
  readonly oauthToken: string | null;
  readonly appToken: string | null;
  readonly revision: string;
}

/** A row of `github_oauth_states`. */
export interface OAuthStateRow {
  readonly key: string;
  readonly browserKey: string | null;
  readonly userId: string;
  readonly userKey: string;
  readonly state: string;
  readonly client: string;
  readonly codeVerifier: string | null;
  readonly redirectUri: string | null;
  readonly browser: string | null;
  readonly payload: string | null;
  readonly expiresAt: Date;
  readonly revision: string;
}

/** A row of `github_installations`. */
export interface InstallationRow {
  readonly key: string;
  readonly apiUrl: string;
  readonly installationId: bigint;
  readonly gone: boolean;
  readonly appId: bigint | null;
  readonly accountId: bigint | null;
  readonly accountLogin: string | null;
  readonly accountType: string | null;
  readonly repositorySelection: string | null;
  readonly permissions: string | null;
  readonly events: string | null;
  readonly suspendedAt: Date | null;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
  readonly readAt: Date;
  readonly withdrawnAt: Date | null;
  readonly revision: string;
}

/** A row of `github_installation_bindings`. */
export interface InstallationBindingRow {
  readonly key: string;
  readonly installationKey: string;
  readonly userKey: string;
  readonly apiUrl: string;
  readonly installationId: bigint;
  readonly userId: string;
  readonly githubUserId: bigint;
  readonly proof: string;
  readonly provenAt: Date;
}

/** A row of `github_installation_repositories`. */
export interface InstallationRepositoryRow {
  readonly installationKey: string;
  readonly repositoryId: bigint;
  readonly apiUrl: string;
  readonly fullName: string;
  readonly private: boolean;
}

/** A row of `github_installation_requests`. */
export interface InstallationRequestRow {
  readonly key: string;
  readonly apiUrl: string;
  readonly userId: string;
  readonly githubUserId: bigint;
  readonly requestedAt: Date;
}

/** A row of `github_leases`. */
export interface LeaseRow {
  readonly key: string;
  readonly name: string;
  readonly token: bigint;
  readonly expiresAt: Date;
}

/** A row of `github_baselines`. */
export interface BaselineRow {
  readonly key: string;
  readonly apiUrl: string;
  readonly repositoryId: bigint;
  readonly branch: string;
  readonly source: string;
  readonly directory: string;
  readonly baseline: Uint8Array<ArrayBuffer> | null;
  readonly staged: Uint8Array<ArrayBuffer> | null;
  readonly leaseToken: bigint;
  readonly updatedAt: Date;
}

/** The baselines' model. Baselines are large, so lists of rows to remove select the key only. */
export interface BaselineTable extends Omit<Table<BaselineRow>, "findMany"> {
  findMany(
    args: FindArgs<BaselineRow> & { readonly select: { readonly key: true } },
  ): PromiseLike<Pick<BaselineRow, "key">[]>;
}

/** A row of `github_project_links`. */
export interface ProjectLinkRow {
  readonly key: string;
  readonly projectKey: string;
  readonly userKey: string;
  readonly branchKey: string;
  readonly userId: string;
  readonly projectId: string;
  readonly apiUrl: string;
  readonly repositoryId: bigint;
  readonly branch: string;
  readonly source: string;
  readonly directory: string;
  readonly repository: string;
  readonly direction: string;
  readonly options: string;
  readonly auto: boolean;
  readonly createdAt: Date;
  readonly lastSyncId: number | null;
  readonly head: string | null;
}

/** A row of `github_sync_records`. */
export interface SyncRecordRow {
  readonly id: number;
  readonly projectKey: string;
  readonly branchKey: string;
  readonly repositoryKey: string;
  readonly userKey: string;
  readonly openAttemptsBranchKey: string | null;
  readonly userId: string;
  readonly projectId: string;
  readonly apiUrl: string;
  readonly repositoryId: bigint;
  readonly branch: string;
  readonly source: string;
  readonly directory: string;
  readonly repository: string;
  readonly status: string;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly commitId: string | null;
  readonly commitUrl: string | null;
  readonly pullRequestUrl: string | null;
  readonly writer: string | null;
  readonly filesSynced: number;
  readonly filesDeleted: number;
  readonly filesPulled: number;
  readonly filesRemoved: number;
  readonly filesKept: number;
  readonly conflictsResolved: number;
  readonly options: string;
  readonly planHash: string | null;
  readonly conflicts: string;
  readonly notes: string;
  readonly attempts: string;
  readonly progress: string | null;
  readonly changeSeq: bigint;
  readonly retryCount: number;
  readonly interruptions: number;
  readonly direction: string;
  readonly runsFrom: number;
  /** 0 for interactive, 1 for background. */
  readonly priority: number;
  readonly holder: string | null;
  readonly notBefore: Date | null;
  readonly waitingSince: Date | null;
  readonly coalesced: number;
  readonly leaseToken: bigint;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly updatedAt: Date;
  readonly revision: string;
}

/** The columns of a record in a list: all but keys, options, conflicts and attempts. */
export type ListedSyncRow = Omit<
  SyncRecordRow,
  | "projectKey"
  | "branchKey"
  | "repositoryKey"
  | "openAttemptsBranchKey"
  | "options"
  | "conflicts"
  | "attempts"
  | "revision"
>;

/** The sync records' model. The database assigns the ids. Lists read only the columns that they need. */
export interface SyncRecordTable extends Omit<Table<SyncRecordRow, Omit<SyncRecordRow, "id">>, "findMany"> {
  findMany(args: FindArgs<SyncRecordRow> & { readonly select: Columns<ListedSyncRow> }): PromiseLike<ListedSyncRow[]>;
}

/** A row of `github_change_counters`. */
export interface ChangeCounterRow {
  readonly projectKey: string;
  readonly feedId: string;
  readonly seq: bigint;
}

/** The counters' model. Several writers update one row at a time, so the database increments the number. */
export interface ChangeCounterTable extends Omit<Table<ChangeCounterRow>, "updateMany"> {
  updateMany(args: {
    readonly where: Where<ChangeCounterRow>;
    readonly data: { readonly seq: { readonly increment: bigint } };
  }): PromiseLike<{ readonly count: number }>;
}

/** The figures that are summed over sync records. */
export interface SyncSums {
  readonly syncs: number;
  readonly successfulSyncs: number;
  readonly failedSyncs: number;
  readonly filesSynced: bigint;
  readonly conflictsResolved: bigint;
  readonly timedSyncs: number;
  readonly duration: bigint;
}

/** A row of `github_sync_sums`. */
export interface SyncSumsRow extends SyncSums {
  readonly key: string;
  readonly userKey: string;
  readonly projectKey: string;
  readonly repositoryKey: string;
  readonly userId: string;
  readonly projectId: string;
  readonly apiUrl: string;
  readonly repositoryId: bigint;
  readonly lastCompletedAt: Date | null;
}

/** The sums' model. Several writers update one row at a time, so the database increments the figures. */
export interface SyncSumsTable extends Omit<Table<SyncSumsRow>, "updateMany"> {
  updateMany(args: {
    readonly where: Where<SyncSumsRow>;
    readonly data:
      | { readonly [Sum in keyof SyncSums]: { readonly increment: SyncSums[Sum] } }
      | { readonly lastCompletedAt: Date };
  }): PromiseLike<{ readonly count: number }>;
}

/** The models in this package's `prisma/` folder, as properties of a Prisma client. */
export interface PrismaTables {
  readonly gitHubConnection: Table<ConnectionRow>;
  readonly gitHubOAuthState: Table<OAuthStateRow>;
  readonly gitHubInstallation: Table<InstallationRow>;
  readonly gitHubInstallationBinding: Table<InstallationBindingRow>;
  readonly gitHubInstallationRepository: Table<InstallationRepositoryRow>;
  readonly gitHubInstallationRequest: Table<InstallationRequestRow>;
  readonly gitHubDelivery: DeliveryTable;
  readonly gitHubLease: Table<LeaseRow>;
  readonly gitHubBaseline: BaselineTable;
  readonly gitHubConflictResolution: Table<ConflictResolutionRow>;
  readonly gitHubSyncRecord: SyncRecordTable;
  readonly gitHubChangeCounter: ChangeCounterTable;
  readonly gitHubSyncSums: SyncSumsTable;
  readonly gitHubProjectLink: Table<ProjectLinkRow>;
}

/**
 * A Prisma client generated from a schema that contains this package's models: the host's own client, extended or not. The
 * compiler checks that the schema contains the models.
 */
export interface PrismaStoreClient extends PrismaTables {
  $transaction<Result>(
    work: (tables: PrismaTables) => Promise<Result>,
    options?: { readonly maxWait?: number; readonly timeout?: number },
  ): Promise<Result>;
  $queryRawUnsafe(query: string): PromiseLike<unknown>;
}
