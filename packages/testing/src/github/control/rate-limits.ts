/** Budgets that GitHub counts apart. */
export type Resource = "core" | "graphql";

/** The primary limit. */
export interface PrimaryLimit {
  /** Requests (or GraphQL points) per window. */
  limit: number;
  /** Length of the window in seconds; default 3,600. */
  windowSeconds?: number;
  /** Status of REST answers beyond it; default 403. GraphQL answers 200 with `RATE_LIMITED`. */
  status?: 403 | 429;
}

/** The secondary limits. What is absent is not limited. */
export interface SecondaryLimit {
  /** Requests that create content, per minute. */
  contentPerMinute?: number;
  /** Points per minute and resource: 1 for a read, 5 for a write. */
  pointsPerMinute?: number;
  /** `Retry-After` in seconds; absent: no such header. */
  retryAfter?: number;
  /** Status of REST answers; default 403. */
  status?: 403 | 429;
  /** Whether GraphQL answers 200 with an error instead of 403. */
  graphqlAs200?: boolean;
}

/** What a budget stands at. */
export interface Budget {
  limit: number;
  used: number;
  remaining: number;
  /** Seconds since the epoch. */
  reset: number;
  resource: Resource;
}

/** Whom a budget belongs to: a token's owner, or an application that calls as itself. */
export interface BudgetHolder {
  kind: string;
  account: { id: number | string };
}

/** What a request costs. */
export interface Cost {
  resource: Resource;
  credential: BudgetHolder | undefined;
  createsContent: boolean;
  writes: boolean;
}

interface Window {
  used: number;
  /** Milliseconds since the epoch. */
  endsAt: number;
}

/** Counts requests against the limits. With no limit switched on it counts all the same, and never refuses. */
export class RateLimits {
  primary: PrimaryLimit | undefined;
  secondary: SecondaryLimit | undefined;
  private readonly windows = new Map<string, Window>();
  private readonly recent: { at: number; key: string; points: number; createsContent: boolean }[] = [];

  constructor(private readonly clock: () => number) {}

  /** How the caller's budget stands. */
  budget(resource: Resource, credential: BudgetHolder | undefined): Budget {
    const limit = this.limitFor(resource, credential);
    const { used, endsAt } = this.window(resource, credential);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(endsAt / 1000), resource };
  }

  /** Takes one request from the primary budget. Returns false when there is nothing left of it. */
  spend(resource: Resource, credential: BudgetHolder | undefined): boolean {
    const window = this.window(resource, credential);
    const limit = this.limitFor(resource, credential);
    if (window.used >= limit) {
      if (this.primary !== undefined) return false;
      window.used = 0;
    }
    window.used += 1;
    return true;
  }

  /** Gives a request back: a conditional one that was answered with 304. */
  refund(resource: Resource, credential: BudgetHolder | undefined): void {
    const window = this.window(resource, credential);
    window.used = Math.max(0, window.used - 1);
  }

  /** Whether the request stays below the secondary limits; counts it when it does. */
  staysBelowSecondary(cost: Cost): boolean {
    const limit = this.secondary;
    if (limit === undefined) return true;
    const now = this.clock();
    while (this.recent[0] !== undefined && this.recent[0].at <= now - 60_000) this.recent.shift();
    const key = `${cost.resource}:${bucket(cost.credential)}`;
    const mine = this.recent.filter((entry) => entry.key.endsWith(bucket(cost.credential)));
    const points = cost.writes ? 5 : 1;
    const content = mine.filter((entry) => entry.createsContent).length;
    if (cost.createsContent && content >= (limit.contentPerMinute ?? Number.POSITIVE_INFINITY)) return false;
    const spent = mine.filter((entry) => entry.key === key).reduce((sum, entry) => sum + entry.points, 0);
    if (spent + points > (limit.pointsPerMinute ?? Number.POSITIVE_INFINITY)) return false;
    this.recent.push({ at: now, key, points, createsContent: cost.createsContent });
    return true;
  }

  private limitFor(resource: Resource, credential: BudgetHolder | undefined): number {
    if (this.primary !== undefined) return this.primary.limit;
    return credential === undefined ? (resource === "core" ? 60 : 0) : 5000;
  }

  private window(resource: Resource, credential: BudgetHolder | undefined): Window {
    const key = `${resource}:${bucket(credential)}`;
    const now = this.clock();
    const current = this.windows.get(key);
    if (current !== undefined && current.endsAt > now) return current;
    const fresh = { used: 0, endsAt: now + (this.primary?.windowSeconds ?? 3600) * 1000 };
    this.windows.set(key, fresh);
    return fresh;
  }
}

/** One budget per user across all tokens, one per installation token's account, one for strangers. */
function bucket(credential: BudgetHolder | undefined): string {
  if (credential === undefined) return "anonymous";
  if (credential.kind === "client" || credential.kind === "app") return `${credential.kind}-${credential.account.id}`;
  return credential.kind === "installation" ? `installation-${credential.account.id}` : `user-${credential.account.id}`;
}
