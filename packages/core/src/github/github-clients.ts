import { type Clock, systemClock } from "../adapters/clock.js";
import { closedError } from "../closed-error.js";
import { type Logger, silentLogger } from "../logger.js";
import type { Credential } from "./credential.js";
import { CredentialQueues } from "./credential-queues.js";
import { createGitTransport } from "./git-transport.js";
import type { GitHubClient } from "./github-client.js";
import { createGitHubFetch } from "./github-fetch.js";
import { OctokitClient } from "./octokit-client.js";
import { webAddressOf } from "./web-address.js";

/** How GitHub is reached. */
export interface GitHubClientsOptions {
  /** `https://api.github.com`, or `https://host/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  /** GitHub's web address, where git is served: what `webAddressOf` says unless told. */
  readonly serverUrl?: string;
  readonly userAgent: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** How long one exchange may take, body included. Default: 60,000. */
  readonly requestTimeoutMs?: number;
  /** How long one request may wait for rate limits before it fails with `rate_limited`. Default: 60,000. */
  readonly maxRateLimitWaitMs?: number;
  /** Pause before the first repetition of a safe request; the next ones are 4 and 9 times as long. Default: 1,000. */
  readonly retryBaseMs?: number;
  /** Requests of one credential under way at once. Default: 10. */
  readonly concurrency?: number;
}

/** Clients of one GitHub, one queue per credential: tenants never wait for each other. */
export interface GitHubClients {
  readonly apiUrl: string;
  /** A client for a credential. Clients of credentials with the same key share their queue and their limits. */
  for(credential: Credential): GitHubClient;
  /** Ends every request that is under way or waiting, with `cancelled`. */
  close(): Promise<void>;
}

/** Everything that the clients share belongs to the returned object and to nothing outside of it. */
export function createGitHubClients(options: GitHubClientsOptions): GitHubClients {
  const { clock = systemClock, logger = silentLogger, requestTimeoutMs = 60_000, retryBaseMs = 1000 } = options;
  const { maxRateLimitWaitMs = 60_000, concurrency = 10, userAgent } = options;
  const apiUrl = options.apiUrl.replace(/\/+$/, "");
  const queues = new CredentialQueues({ clock, maxRateLimitWaitMs, concurrency });
  const closing = new AbortController();
  const fetch = createGitHubFetch(clock, requestTimeoutMs);
  const git = createGitTransport({
    serverUrl: (options.serverUrl ?? webAddressOf(apiUrl)).replace(/\/+$/, ""),
    userAgent,
    clock,
    timeoutMs: requestTimeoutMs,
  });
  const shared = { apiUrl, clock, logger, userAgent, retryBaseMs, queues, fetch, git, closing: closing.signal };
  return {
    apiUrl,
    for: (credential) => new OctokitClient(credential, shared),
    close: async () => {
      closing.abort(closedError());
      await queues.close();
    },
  };
}
