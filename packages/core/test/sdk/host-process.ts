// Another process of a host: requests the token of user 7 with stores that live in the parent process, as in a database.
import { createGitHubSdk, type GitHubSdkOptions } from "@infrajet/github";
import type { GitHubSdkStores } from "@infrajet/github/adapters";
import { MemoryProjectFiles } from "@infrajet/github/memory";

/** A call of a store's method, which the parent process executes. */
export interface StoreCall {
  readonly id: number;
  readonly store: keyof GitHubSdkStores;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/** The result of a call. */
export interface StoreAnswer {
  readonly id: number;
  readonly value: unknown;
}

const waiting = new Map<number, (value: unknown) => void>();
let calls = 0;
process.on("message", ({ id, value }: StoreAnswer) => waiting.get(id)?.(value));

function parentsStore<Name extends keyof GitHubSdkStores>(store: Name): GitHubSdkStores[Name] {
  const call = (method: string, parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, resolve);
      process.send?.({ id, store, method, parameters } satisfies StoreCall);
    });
  return new Proxy({} as GitHubSdkStores[Name], {
    get:
      (_target, method) =>
      (...parameters: unknown[]) =>
        call(String(method), parameters),
  });
}

const options: Omit<GitHubSdkOptions, "projectFiles"> = JSON.parse(process.argv[2] ?? "");
const sdk = createGitHubSdk({
  ...options,
  projectFiles: new MemoryProjectFiles(),
  stores: {
    records: parentsStore("records"),
    baselines: parentsStore("baselines"),
    locks: parentsStore("locks"),
    connections: parentsStore("connections"),
  },
});
await (await sdk.connections.credential("7")).token();
