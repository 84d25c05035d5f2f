import { EventBus, type SdkEventName, type SdkEvents } from "./events.js";
import { createGitHubClients } from "./github/github-clients.js";
import { type GitHubSdkOptions, resolveOptions } from "./options.js";
import { createGitDataWriter } from "./repository/git-data-writer.js";
import { graphqlWriter } from "./repository/graphql-writer.js";
import { RepositoryCache } from "./repository/repository-cache.js";
import { SyncEngine } from "./sync/sync-engine.js";

/** The SDK of one GitHub: its engines and its events. */
export interface GitHubSdk {
  /** Keeps projects in step with repositories. */
  readonly sync: SyncEngine;
  /** Calls the listener for every event of that name, of this and of every other process; gives back what ends it. */
  on<Name extends SdkEventName>(name: Name, listener: (payload: SdkEvents[Name]) => void): () => void;
  /** Stops in order: no new work, running syncs end at a safe point and go on at the next start, connections are closed. */
  close(): Promise<void>;
}

const USER_AGENT = "infrajet-github";
// A lease outlives one request, so that it cannot run out while the branch is being moved.
const LEASE_MARGIN = 30_000;

/**
 * Makes the SDK. Interrupted syncs of an earlier process are looked after in the background from now on.
 *
 * @throws GitHubSdkError `invalid_options` naming the option and the mend.
 */
export function createGitHubSdk(options: GitHubSdkOptions): GitHubSdk {
  const resolved = resolveOptions(options);
  const { apiUrl, clock, logger, requestTimeout } = resolved;
  const bus = new EventBus(resolved.pubSub, logger);
  const clients = createGitHubClients({
    apiUrl,
    userAgent: USER_AGENT,
    clock,
    logger,
    requestTimeoutMs: requestTimeout,
    maxRateLimitWaitMs: resolved.maxRateLimitWait,
    retryBaseMs: resolved.retryPause,
  });
  const sync = new SyncEngine({
    ...resolved,
    clients,
    bus,
    repositories: new RepositoryCache(clock),
    writers: [graphqlWriter, createGitDataWriter()],
    leaseTtl: requestTimeout + LEASE_MARGIN,
  });
  return {
    sync,
    on: (name, listener) => bus.on(name, listener),
    close: async () => {
      await sync.close();
      await clients.close();
      await bus.close();
    },
  };
}
