/** The rate limit resources, each with its own budget. */
export type Resource = "core" | "graphql";

/** The primary rate limit. */
export interface PrimaryLimit {
  /** Requests (or GraphQL points) per window. */
  limit: number;
  /** Length of the window in seconds. Defaults to 3,600. */
  windowSeconds?: number;
  /** Status of REST responses beyond the limit. Defaults to 403. GraphQL responds with 200 and `RATE_LIMITED`. */
  status?: 403 | 429;
}

/** The secondary rate limits. Absent members are not limited. */
export interface SecondaryLimit {
  /** Maximum number of content-creating requests per minute. */
  contentPerMinute?: number;
  /** Maximum number of points per minute and resource. A read costs 1 point, a write 5. */
  pointsPerMinute?: number;
  /** Value of `Retry-After` in seconds. Defaults to no header. */
  retryAfter?: number;
  /** Status of REST responses. Defaults to 403. */
  status?: 403 | 429;
  /** True when GraphQL responds with 200 and an error instead of `status`. Defaults to false. */
  graphqlAs200?: boolean;
}

/** The state of a rate limit budget. */
export interface Budget {
  limit: number;
  used: number;
  remaining: number;
  /** Seconds since the epoch. */
  reset: number;
  resource: Resource;
}

/** The owner of a budget: the owner of a token, or an application that authenticates as itself. */
export interface BudgetHolder {
  kind: string;
  account: { id: number | string };
}

/** The cost of a request. */
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

/** Counts requests against the rate limits. Without an enabled limit, it counts but never refuses. */
export class RateLimits {
  primary: PrimaryLimit | undefined;
  secondary: SecondaryLimit | undefined;
  private readonly windows = new Map<string, Window>();
  private readonly recent: { at: number; key: string; points: number; createsContent: boolean }[] = [];

  constructor(private readonly clock: () => number) {}

  /** Returns the caller's budget. */
  budget(resource: Resource, credential: BudgetHolder | undefined): Budget {
    const limit = this.limitFor(resource, credential);
    const { used, endsAt } = this.window(resource, credential);
    return { limit, used, remaining: Math.max(0, limit - used), reset: Math.ceil(endsAt / 1000), resource };
  }

  /** Takes one request from the primary budget. Returns false when the budget is exhausted. */
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

  /** Returns one request to the budget, for a conditional request with a 304 response. */
  refund(resource: Resource, credential: BudgetHolder | undefined): void {
    const window = this.window(resource, credential);
    window.used = Math.max(0, window.used - 1);
  }

  /** Counts a request against the secondary limits. Returns false, without counting it, when it exceeds one. */
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

/** Returns the key of a budget: one per user across all tokens, per installation account, per application, and one for all others. */
function bucket(credential: BudgetHolder | undefined): string {
  if (credential === undefined) return "anonymous";
  if (credential.kind === "client" || credential.kind === "app") return `${credential.kind}-${credential.account.id}`;
  return credential.kind === "installation" ? `installation-${credential.account.id}` : `user-${credential.account.id}`;
}
