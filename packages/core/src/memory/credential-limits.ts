import type { RateObservation, RequestCost } from "../adapters/rate-budget.js";
import { GITHUB_LIMITS, type RateResource } from "../domain/github-limits.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A place that was taken and is not released. */
interface OpenPlace {
  readonly cost: RequestCost;
  readonly expiresAt: number;
}

/** The state of an hourly limit, as GitHub reported it last, less the places taken since. */
interface HourlyLimit {
  readonly limit: number;
  remaining: number;
  readonly resetAt: number;
}

/** The rate limits of one credential. Times are epoch milliseconds. */
export class CredentialLimits {
  /** The times of the last content-creating requests by ticket. */
  readonly #creates = new Map<string, number>();
  /** The points of each second of the last minute, by resource and second. */
  readonly #points = new Map<RateResource, Map<number, number>>();
  readonly #hourly = new Map<RateResource, HourlyLimit>();
  readonly #open = new Map<string, OpenPlace>();
  #closedUntil = 0;
  #usedAt = 0;
  #lastTicket = 0;

  /** True when the limits can be forgotten: no request has used them for a minute, and none has to wait. */
  isIdle(now: number): boolean {
    const createsMuch = this.#creates.size >= GITHUB_LIMITS.createsPerMinute;
    return this.#open.size === 0 && this.#closedUntil <= now && now - this.#usedAt > MINUTE_MS && !createsMuch;
  }

  /** True when another request can be sent at the same time as those that are not released. */
  hasConnection(now: number): boolean {
    for (const [ticket, { expiresAt }] of this.#open) if (expiresAt <= now) this.#open.delete(ticket);
    const latest = now + GITHUB_LIMITS.placeExpiresMs;
    const sent = [...this.#open.values()].filter(({ expiresAt }) => expiresAt <= latest);
    return sent.length < GITHUB_LIMITS.concurrency;
  }

  /** Returns the earliest time at which a request stays within all limits. */
  nextPlace(cost: RequestCost, now: number): number {
    return Math.max(
      now,
      this.#closedUntil,
      cost.creates ? this.#afterCreates() : 0,
      this.#afterPoints(cost, now),
      this.#afterReset(cost, now),
    );
  }

  /** Takes a place at a time and returns its ticket. */
  take(cost: RequestCost, at: number): string {
    this.#lastTicket += 1;
    this.#usedAt = at;
    const ticket = `${this.#lastTicket}`;
    this.#open.set(ticket, { cost, expiresAt: at + GITHUB_LIMITS.placeExpiresMs });
    if (cost.creates) this.#addCreate(ticket, at);
    const seconds = this.#points.get(cost.resource) ?? new Map<number, number>();
    const second = Math.floor(at / 1000);
    this.#points.set(cost.resource, seconds.set(second, (seconds.get(second) ?? 0) + cost.points));
    const hourly = this.#hourly.get(cost.resource);
    if (hourly !== undefined) hourly.remaining -= 1;
    return ticket;
  }

  /** Ends a place. */
  release(ticket: string, { limit, remaining, resetAt, closedForMs }: RateObservation, now: number): void {
    const open = this.#open.get(ticket);
    this.#open.delete(ticket);
    if (this.#creates.delete(ticket)) this.#addCreate(ticket, now);
    if (closedForMs !== null) this.#closedUntil = Math.max(this.#closedUntil, now + closedForMs);
    if (open === undefined || limit === null || remaining === null || resetAt === null) return;
    const { resource } = open.cost;
    const inFlight = [...this.#open.values()].filter(({ cost }) => cost.resource === resource).length;
    this.#hourly.set(resource, { limit, remaining: remaining - inFlight, resetAt });
  }

  #afterCreates(): number {
    const times = [...this.#creates.values()].sort((one, other) => one - other);
    const { createsPerMinute, createsPerHour } = GITHUB_LIMITS;
    const minute = times.at(-createsPerMinute);
    const hour = times.at(-createsPerHour);
    return Math.max(minute === undefined ? 0 : minute + MINUTE_MS, hour === undefined ? 0 : hour + HOUR_MS);
  }

  #afterPoints({ points, resource }: RequestCost, now: number): number {
    const seconds = this.#points.get(resource);
    if (seconds === undefined) return 0;
    const oldest = Math.floor((now - MINUTE_MS) / 1000);
    for (const second of seconds.keys()) if (second < oldest) seconds.delete(second);
    let sum = [...seconds.values()].reduce((total, count) => total + count, 0);
    for (const [second, count] of [...seconds].sort(([one], [other]) => one - other)) {
      if (sum + points <= GITHUB_LIMITS.pointsPerMinute[resource]) return 0;
      sum -= count;
      // Points of one second leave the minute together, with the last of them.
      if (sum + points <= GITHUB_LIMITS.pointsPerMinute[resource]) return (second + 1) * 1000 + MINUTE_MS;
    }
    return 0;
  }

  #afterReset({ resource, isInteractive }: RequestCost, now: number): number {
    const hourly = this.#hourly.get(resource);
    if (hourly === undefined || hourly.resetAt <= now) return 0;
    const kept = isInteractive ? 0 : Math.floor(hourly.limit * GITHUB_LIMITS.interactiveShare);
    // The clocks of GitHub and of the host may differ by a second; a reset is never more than an hour away.
    return hourly.remaining > kept ? 0 : Math.min(hourly.resetAt + 1000, now + HOUR_MS);
  }

  #addCreate(ticket: string, at: number): void {
    this.#creates.set(ticket, at);
    if (this.#creates.size <= GITHUB_LIMITS.createsPerHour) return;
    const oldest = Math.min(...this.#creates.values());
    for (const [known, time] of this.#creates) if (time === oldest) return void this.#creates.delete(known);
  }
}
