/** Counts the requests that go out to some origins. */
export interface RequestCounter {
  /** Requests sent so far, repeated and redirected ones included. */
  readonly count: number;
  /** Ends the counting. */
  stop(): void;
}

/** Counts what this process sends to the origins of the URLs, at the one place where requests go out: `globalThis.fetch`. */
export function countRequests(urls: readonly string[]): RequestCounter {
  const origins = new Set(urls.map((url) => new URL(url).origin));
  const send = globalThis.fetch;
  let count = 0;
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (origins.has(url.origin)) count += 1;
    return send(input, init);
  };
  return {
    get count() {
      return count;
    },
    stop: () => {
      globalThis.fetch = send;
    },
  };
}
