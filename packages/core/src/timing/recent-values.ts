import type { Clock } from "../adapters/clock.js";

/** Limits of a {@link RecentValues}. */
export interface RecentValuesOptions<Value> {
  /** The age in milliseconds at which a value counts as missing; `Infinity` for no limit. */
  readonly maxAgeMs: number;
  /** The number of values that are kept. Defaults to 1,000. */
  readonly maxCount?: number;
  /** Returns false for a value that must not be evicted, even when there are more than `maxCount`. Defaults to always true. */
  readonly isEvictable?: (value: Value) => boolean;
}

/** A bounded in-memory cache: values expire by age, and the oldest are evicted when there are too many. */
export class RecentValues<Value> {
  // In the order of age: a map keeps the order in which keys were added.
  readonly #entries = new Map<string, { readonly value: Value; readonly since: number }>();
  readonly #clock: Pick<Clock, "now">;
  readonly #options: Required<RecentValuesOptions<Value>>;

  constructor(clock: Pick<Clock, "now">, options: RecentValuesOptions<Value>) {
    this.#clock = clock;
    this.#options = { maxCount: 1000, isEvictable: () => true, ...options };
  }

  /** Returns the value of a key, or `null` if it is missing or too old. */
  get(key: string): Value | null {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#clock.now() - entry.since > this.#options.maxAgeMs) return null;
    return entry.value;
  }

  /** Keeps a value, whose age begins now, in place of the key's previous one. */
  put(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#evict(this.#options.maxCount - 1);
    this.#entries.set(key, { value, since: this.#clock.now() });
  }

  /** Removes the value of a key. */
  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Removes the values of all keys that begin with a prefix. */
  deletePrefix(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key);
  }

  /** Removes all values. */
  clear(): void {
    this.#entries.clear();
  }

  #evict(maxCount: number): void {
    if (this.#entries.size <= maxCount) return;
    for (const [key, { value }] of this.#entries) {
      if (!this.#options.isEvictable(value)) continue;
      this.#entries.delete(key);
      if (this.#entries.size <= maxCount) return;
    }
  }
}
