import type { GitHubClientError } from "@infrajet/github-client";
import { type ReadonlySignal, signal } from "@preact/signals";
import { failureOf } from "../api.js";

/** Data of the host with the state of its request. */
export interface Resource<T> {
  /** The latest data; `null` before the first response. */
  readonly data: ReadonlySignal<T | null>;
  /** The error of the latest request; `null` when it succeeded. */
  readonly error: ReadonlySignal<GitHubClientError | null>;
  readonly isLoading: ReadonlySignal<boolean>;
  /** Requests the data. A newer call cancels an older one. Never rejects. */
  load(): Promise<void>;
  /** Cancels the request and forgets the data. */
  clear(): void;
}

/** Creates a resource. `read` is called by each load. */
export function resource<T>(read: (cancel: AbortSignal) => Promise<T>): Resource<T> {
  const data = signal<T | null>(null);
  const error = signal<GitHubClientError | null>(null);
  const isLoading = signal(false);
  let latest = new AbortController();

  const load = async (): Promise<void> => {
    latest.abort();
    const own = new AbortController();
    latest = own;
    isLoading.value = true;
    try {
      const found = await read(own.signal);
      if (own.signal.aborted) return;
      data.value = found;
      error.value = null;
    } catch (cause) {
      if (!own.signal.aborted) error.value = failureOf(cause);
    } finally {
      if (latest === own) isLoading.value = false;
    }
  };
  const clear = (): void => {
    latest.abort();
    data.value = null;
    error.value = null;
    isLoading.value = false;
  };
  return { data, error, isLoading, load, clear };
}
