import { type Clock, systemClock } from "../adapters/clock.js";
import type { RateBudget } from "../adapters/rate-budget.js";
import { closedError } from "../closed-error.js";
import { type Logger, silentLogger } from "../logger.js";
import type { Credential } from "./credential.js";
import { CredentialQueues } from "./credential-queues.js";
import { createGitTransport } from "./git-transport.js";
import type { GitHubClient } from "./github-client.js";
import { createGitHubFetch } from "./github-fetch.js";
import { OctokitClient } from "./octokit-client.js";
import { SharedBudget } from "./shared-budget.js";
import { webAddressOf, withoutTrailingSlash } from "./web-address.js";

/** The addresses of a GitHub, and the limits of requests to it. */
export interface GitHubClientsOptions {
  /** `https://api.github.com`, or `https://host/api/v3` of a GitHub Enterprise Server. */
  readonly apiUrl: string;
  /** GitHub's web address, where git is served. Defaults to `webAddressOf(apiUrl)`. */
  readonly serverUrl?: string;
  readonly userAgent: string;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** The timeout of one exchange including the body, in milliseconds. Defaults to `60_000`. */
  readonly requestTimeoutMs?: number;
  /** The longest wait of one request for rate limits, in milliseconds; beyond it, it fails with `rate_limited`. Defaults to `60_000`. */
  readonly maxRateLimitWaitMs?: number;
  /** The pause before the first retry of a safe request, in milliseconds; the next pauses are 4 and 9 times as long. Defaults to `1_000`. */
  readonly retryBaseMs?: number;
  /** The number of concurrent requests of one credential. Defaults to `10`. */
  readonly concurrency?: number;
  /** The rate limits that all processes of the host share. Defaults to none: each process waits when GitHub asks it to. */
  readonly rateBudget?: RateBudget | null;
  /** Called when GitHub refuses a request for a rate limit, with the time that the credential has to wait, in milliseconds. */
  readonly onLimited?: (key: string, waitMs: number) => void;
}

/** The options of one client. */
export interface ClientOptions {
  /** The longest wait of one request for rate limits, if it is shorter than the SDK's `maxRateLimitWaitMs`, in milliseconds. */
  readonly maxRateLimitWaitMs?: number;
  /** True when a person waits for the requests: they may use the reserve of a shared budget. Defaults to true with `maxRateLimitWaitMs`. */
  readonly isInteractive?: boolean;
}

// A message of another process closes no gate for longer than GitHub's longest limit.
const LONGEST_WAIT_MS = 3_600_000;
/** The longest wait for a rate limit of work that can be tried again later, in milliseconds. */
export const SHORT_RATE_LIMIT_WAIT_MS = 5_000;

/** Clients of one GitHub. Each credential has its own queue, so that tenants never wait for each other. */
export interface GitHubClients {
  readonly apiUrl: string;
  /** Returns a client for a credential. Clients of credentials with the same key share their queue and limits. */
  for(credential: Credential, options?: ClientOptions): GitHubClient;
  /** Delays the requests of a credential, because GitHub asked another process to wait that long. */
  limited(key: string, waitMs: number): void;
  /** Cancels every running and waiting request with `cancelled`. */
  close(): Promise<void>;
}

/** Creates clients of one GitHub. All shared state, such as queues, belongs to the returned object. */
export function createGitHubClients(options: GitHubClientsOptions): GitHubClients {
  const { clock = systemClock, logger = silentLogger, requestTimeoutMs = 60_000, retryBaseMs = 1000 } = options;
  const { maxRateLimitWaitMs = 60_000, concurrency = 10, userAgent, rateBudget = null, onLimited = () => {} } = options;
  const apiUrl = withoutTrailingSlash(options.apiUrl);
  const queues = new CredentialQueues({ clock, concurrency });
  const closing = new AbortController();
  const fetch = createGitHubFetch(clock, requestTimeoutMs);
  const git = createGitTransport({
    serverUrl: withoutTrailingSlash(options.serverUrl ?? webAddressOf(apiUrl)),
    userAgent,
    clock,
    timeoutMs: requestTimeoutMs,
  });
  const budget = new SharedBudget({ apiUrl, budget: rateBudget, clock, logger });
  const transport = { apiUrl, clock, logger, userAgent, retryBaseMs, fetch, git, closing: closing.signal };
  const shared = { ...transport, queues, budget, onLimited };
  return {
    apiUrl,
    for: (credential, { maxRateLimitWaitMs: ownMaxMs, isInteractive = ownMaxMs !== undefined } = {}) =>
      new OctokitClient(credential, {
        ...shared,
        maxRateLimitWaitMs: Math.min(maxRateLimitWaitMs, ownMaxMs ?? maxRateLimitWaitMs),
        isInteractive,
      }),
    limited: (key, waitMs) => queues.gate(key).closeFor(Math.min(waitMs, LONGEST_WAIT_MS)),
    close: async () => {
      closing.abort(closedError());
      queues.close();
    },
  };
}

/** Returns clients for calls that a person waits for: their requests wait at most 5 seconds for rate limits. */
export function interactiveClients(clients: GitHubClients): GitHubClients {
  const options = { maxRateLimitWaitMs: SHORT_RATE_LIMIT_WAIT_MS };
  return { ...clients, for: (credential) => clients.for(credential, options) };
}
