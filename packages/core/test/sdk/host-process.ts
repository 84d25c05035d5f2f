// One more process of a host: asks for the token of user 7 over stores that its parent keeps, as a database would.
import { createGitHubSdk, type GitHubSdkOptions } from "@infrajet/github";
import type { GitHubSdkStores } from "@infrajet/github/adapters";
import { MemoryProjectFiles } from "@infrajet/github/memory";

/** A verb of a store that the parent is to call. */
export interface StoreCall {
  readonly id: number;
  readonly store: keyof GitHubSdkStores;
  readonly verb: string;
  readonly parameters: readonly unknown[];
}

/** What the verb gave. */
export interface StoreAnswer {
  readonly id: number;
  readonly value: unknown;
}

const waiting = new Map<number, (value: unknown) => void>();
let calls = 0;
process.on("message", ({ id, value }: StoreAnswer) => waiting.get(id)?.(value));

function parentsStore<Name extends keyof GitHubSdkStores>(store: Name): GitHubSdkStores[Name] {
  const call = (verb: string, parameters: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, resolve);
      process.send?.({ id, store, verb, parameters } satisfies StoreCall);
    });
  return new Proxy({} as GitHubSdkStores[Name], {
    get:
      (_target, verb) =>
      (...parameters: unknown[]) =>
        call(String(verb), parameters),
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
