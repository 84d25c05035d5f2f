/** A time in units of 100 nanoseconds since the year 1. Entity tags, dates and file times are derived from it. */
export type Ticks = bigint;

const UNIX_EPOCH: Ticks = 621_355_968_000_000_000n;
const PER_MILLISECOND = 10_000n;

/** Number of ticks per second. */
export const TICKS_PER_SECOND: Ticks = 1000n * PER_MILLISECOND;

/** A clock whose times of changes are unique, so that no two changes have the same entity tag. */
export class TickClock {
  private last: Ticks = 0n;

  /** @param clock returns milliseconds since the epoch */
  constructor(private readonly clock: () => number) {}

  /** The current time. */
  get now(): Ticks {
    return ticksOf(this.clock());
  }

  /** Returns the time of a change, which is later than all earlier ones. */
  next(): Ticks {
    const { now } = this;
    this.last = now > this.last ? now : this.last + 1n;
    return this.last;
  }
}

/** Converts milliseconds since the epoch to ticks. */
export function ticksOf(milliseconds: number): Ticks {
  return UNIX_EPOCH + BigInt(Math.floor(milliseconds)) * PER_MILLISECOND;
}

/** Converts ticks to milliseconds since the epoch. */
export function millisecondsOf(ticks: Ticks): number {
  return Number((ticks - UNIX_EPOCH) / PER_MILLISECOND);
}

/** Returns an entity tag with quotes, such as `"0x8D709568390EF08"`. */
export function entityTag(ticks: Ticks): string {
  return `"0x${ticks.toString(16).toUpperCase()}"`;
}

/** Formats an HTTP date, such as `Mon, 15 Jul 2019 18:59:07 GMT`. */
export function httpDate(ticks: Ticks): string {
  return new Date(millisecondsOf(ticks)).toUTCString();
}

/** Formats an ISO 8601 date with seven decimals, such as `2019-07-15T18:59:07.5365640Z`. */
export function isoDate(ticks: Ticks): string {
  const fraction = ((ticks - UNIX_EPOCH) % PER_MILLISECOND).toString().padStart(4, "0");
  return new Date(millisecondsOf(ticks)).toISOString().replace("Z", `${fraction}Z`);
}

/** Parses an ISO 8601 date in UTC. Returns `undefined` when it is invalid. */
export function parseIsoDate(text: string): Ticks | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z$/.exec(text);
  const milliseconds = Date.parse(`${match?.[1]}Z`);
  if (match === null || Number.isNaN(milliseconds)) return undefined;
  return ticksOf(milliseconds) + BigInt((match[2] ?? "").padEnd(7, "0"));
}
