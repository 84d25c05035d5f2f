import { Octokit } from "octokit";
import * as z from "zod";
import type { Clock } from "../adapters/clock.js";
import { defined } from "../defined.js";
import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { redactedCause, redactingSecret, withoutSecret } from "../redaction.js";
import { abortable } from "../timing/abortable.js";
import type { Credential } from "./credential.js";
import type { CredentialQueues } from "./credential-queues.js";
import {
  errorFromGraphql,
  errorFromResponse,
  type RequestFacts,
  unavailableError,
  unreadableError,
} from "./error-mapping.js";
import { type GitTransport, noGitServer } from "./git-transport.js";
import type {
  GitHubClient,
  GitHubGraphqlOptions,
  GitHubRequestOptions,
  GitHubResponse,
  GitHubRestOptions,
  GitRequest,
  GitResponse,
} from "./github-client.js";
import type { GitHubFetch } from "./github-fetch.js";
import { rateLimitOf } from "./rate-limit.js";
import type { RateLimitGate, WaitBudget } from "./rate-limit-gate.js";
import { graphqlErrorsOf } from "./upstream-text.js";

/** The parts that all clients of one SDK instance share. */
export interface OctokitClientOptions {
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
  readonly retryBaseMs: number;
  readonly queues: CredentialQueues;
  readonly fetch: GitHubFetch;
  readonly git: GitTransport;
  /** Aborted when the clients are closed. */
  readonly closing: AbortSignal;
  /** The longest wait of one request for rate limits, if it is shorter than the gate's, in milliseconds. */
  readonly maxRateLimitWaitMs?: number;
}

// The version whose responses the schemas describe. https://docs.github.com/en/rest/about-the-rest-api/api-versions
const API_VERSION = "2022-11-28";
const RETRIES = 3;
// More than a new token needs, while a credential that keeps renewing must not make a request endless.
const MAX_UNAUTHORIZED = 12;
// Octokit's plugin retries 409 and 429 by default, but no 4xx changes when it is repeated.
const NEVER_REPEATED = Array.from({ length: 100 }, (_, index) => 400 + index);

const responseSchema = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.coerce.string()),
  data: z.unknown(),
});
const failedRequestSchema = z.object({ response: responseSchema });
const graphqlBodySchema = z.object({ data: z.unknown() });

/** The token of the last attempt of a request. */
interface SentToken {
  token: string | null;
}

/** One attempt of a request. */
interface Exchange {
  readonly signal: AbortSignal;
  readonly budget: WaitBudget;
  readonly sent: SentToken;
}

// The part of the options that Octokit passes to a hook; all others are passed on.
const attemptSchema = z.looseObject({
  headers: z.record(z.string(), z.unknown()),
  request: z.looseObject({
    signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal),
    budget: z.custom<WaitBudget>((value) => typeof value === "object" && value !== null && "spentMs" in value),
    sent: z.custom<SentToken>((value) => typeof value === "object" && value !== null && "token" in value),
  }),
});

/** The one place where Octokit is configured and called. */
export class OctokitClient implements GitHubClient {
  readonly apiUrl: string;
  readonly #octokit: Octokit;
  readonly #graphqlUrl: string;
  readonly credential: Credential;
  readonly #options: OctokitClientOptions;

  constructor(credential: Credential, options: OctokitClientOptions) {
    this.credential = credential;
    this.#options = options;
    this.apiUrl = options.apiUrl;
    // Octokit's rule: https://host/api/v3 has GraphQL at https://host/api/graphql.
    this.#graphqlUrl = `${options.apiUrl.replace(/\/api\/v3$/, "/api")}/graphql`;
    this.#octokit = new Octokit({
      baseUrl: options.apiUrl,
      userAgent: options.userAgent,
      log: logOf(options.logger),
      request: { fetch: options.fetch },
      retry: { doNotRetry: NEVER_REPEATED, retries: RETRIES, retryAfterBaseValue: options.retryBaseMs },
      // The credential's own queue and gate do this.
      throttle: { enabled: false },
      // The innermost hook: it runs again for every attempt.
      authStrategy: () => Object.assign(async () => ({ type: "token" }), { hook: this.#authorize }),
    });
  }

  async request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: GitHubRestOptions,
  ): Promise<GitHubResponse> {
    const facts = factsOf(route, options);
    const response = await this.#send(route, parameters, facts, options);
    if (response.status < 300 || options.expect?.includes(response.status)) return response;
    throw errorFromResponse(response, facts);
  }

  async graphql<Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    schema: z.ZodType<Data>,
    options: GitHubGraphqlOptions,
  ): Promise<Data> {
    const route = `POST ${this.#graphqlUrl}`;
    const facts = factsOf(route, options);
    const response = await this.#send(route, { query, variables }, facts, { retry: "never", ...options });
    if (response.status >= 300) throw errorFromResponse(response, facts);
    options.onHeaders?.(response.headers);
    const errors = graphqlErrorsOf(response.data);
    const fatal = errors.filter(({ path }) => !path.some((field) => options.optionalFields?.includes(`${field}`)));
    if (fatal.length > 0) throw errorFromGraphql(fatal, response, facts);
    const parsed = schema.safeParse(graphqlBodySchema.safeParse(response.data).data?.data);
    if (!parsed.success) throw unreadableError(parsed.error);
    return parsed.data;
  }

  async git(request: GitRequest, signal: AbortSignal): Promise<GitResponse> {
    const method = request.body === null ? "GET" : "POST";
    const route = `/{owner}/{repo}.git/${request.body === null ? "info/refs" : "git-receive-pack"}`;
    const { status, headers, data } = await this.#sendUntilAllowed(`${method} ${route}`, signal, async (exchange) =>
      this.#options.git(request, await this.#admit(exchange), exchange.signal),
    );
    if (data instanceof Uint8Array) return { status, headers, data };
    const response = { status, headers, data };
    const error = errorFromResponse(response, { method, route, touchesWorkflows: false });
    // GitHub's git server rejects in plain text, or with a known status.
    const isPage = status < 500 && status !== 413 && /^text\/html\b/i.test(headers["content-type"] ?? "");
    throw isPage || error.code === "github_rejected" ? noGitServer(response) : error;
  }

  get #gate(): RateLimitGate {
    return this.#options.queues.gate(this.credential.key);
  }

  #send(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    facts: RequestFacts,
    { signal, retry = facts.method === "GET" || facts.method === "HEAD" ? "safe" : "never" }: GitHubRequestOptions,
  ): Promise<GitHubResponse> {
    // A positive number here makes Octokit's plugin retry every failure, so only 0 is passed.
    const retries = retry === "safe" ? {} : { retries: 0 };
    return this.#sendUntilAllowed(route, signal, (exchange) =>
      this.#respond(route, { ...parameters, request: { ...exchange, ...retries } }),
    );
  }

  /** Repeats the request until the response is not a rate limit; a response with an error status counts too. */
  async #sendUntilAllowed(
    route: string,
    signal: AbortSignal,
    send: (exchange: Exchange) => Promise<GitHubResponse>,
  ): Promise<GitHubResponse> {
    const budget: WaitBudget = defined({ spentMs: 0, maxMs: this.#options.maxRateLimitWaitMs });
    const sent: SentToken = { token: null };
    for (let refusals = 0; ; ) {
      const response = await abortable([signal, this.#options.closing], (linked) =>
        withoutToken(sent, () => send({ signal: linked, budget, sent })),
      );
      // An unauthorized request has no effect, so a write may be sent again too.
      if (response.status === 401 && refusals < MAX_UNAUTHORIZED && (await this.#hasBetterToken(sent, signal))) {
        refusals += 1;
        continue;
      }
      const limit = rateLimitOf(response, this.#options.clock.now());
      if (limit === null) {
        this.#gate.succeeded();
        return response;
      }
      this.#options.logger.warn("GitHub's rate limit was reached", {
        credential: this.credential.key,
        route,
        ...limit,
      });
      this.#gate.close(limit);
    }
  }

  /** Returns the token for one exchange, after waiting for GitHub's rate limits. */
  async #admit({ signal, budget, sent }: Exchange): Promise<string> {
    await this.#gate.pass(budget, signal);
    signal.throwIfAborted();
    const token = await this.credential.token(signal);
    sent.token = token;
    return token;
  }

  async #hasBetterToken({ token }: SentToken, signal: AbortSignal): Promise<boolean> {
    const { credential } = this;
    return token !== null && credential.rejected !== undefined && (await credential.rejected(token, signal));
  }

  async #respond(route: string, parameters: Record<string, unknown>): Promise<GitHubResponse> {
    try {
      const queue = this.#options.queues.queue(this.credential.key, route);
      return readable(responseSchema.parse(await queue.run(() => this.#octokit.request(route, parameters))));
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      const failed = failedRequestSchema.safeParse(error);
      if (failed.success) return failed.data.response;
      // Octokit wraps each error of fetch; its other errors are failures to interpret the response.
      const isFetchError = error instanceof Error && error.name === "HttpError";
      throw isFetchError ? unavailableError(withoutRequest(error)) : unreadableError(withoutRequest(error));
    }
  }

  readonly #authorize = async (send: (options: object) => Promise<unknown>, options: unknown): Promise<unknown> => {
    const attempt = attemptSchema.parse(options);
    const token = await this.#admit(attempt.request);
    const headers = {
      ...attempt.headers,
      authorization: `Bearer ${token}`,
      "x-github-api-version": API_VERSION,
    };
    try {
      return await send({ ...attempt, headers });
    } catch (error) {
      // Octokit wraps what fetch throws, and would retry an error of this SDK like a network failure.
      const cause: unknown = error instanceof Error ? error.cause : undefined;
      throw isGitHubSdkError(cause) ? cause : error;
    }
  };
}

/** Removes the token that was sent from error responses and errors: GitHub, or a proxy before it, may repeat it there. */
async function withoutToken(sent: SentToken, send: () => Promise<GitHubResponse>): Promise<GitHubResponse> {
  try {
    const response = await send();
    if (response.status < 300 || sent.token === null) return response;
    return { ...response, data: withoutSecret(response.data, sent.token) };
  } catch (error) {
    if (!isGitHubSdkError(error) || sent.token === null) throw error;
    const { code, message, details } = error;
    const cause = redactedCause(error.cause, redactingSecret(sent.token));
    throw cause === error.cause ? error : new GitHubSdkError(code, message, { cause, details });
  }
}

/** Octokit calls a logger's functions without their object. */
function logOf(logger: Logger): Logger {
  return {
    debug: (message) => logger.debug(message),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    error: (message) => logger.error(message),
  };
}

function factsOf(route: string, options: GitHubRequestOptions): RequestFacts {
  const [method = "GET", path = route] = route.split(" ");
  return { method, route: path, touchesWorkflows: options.touchesWorkflows ?? false };
}

/** Octokit returns a body that is not JSON as text; GitHub sends text in none of the responses that are requested here. */
function readable(response: GitHubResponse): GitHubResponse {
  if (typeof response.data !== "string" || (response.data === "" && response.status !== 200)) return response;
  throw unreadableError(new Error(`GitHub responded ${response.status} with a body that is not JSON`));
}

/** Octokit's errors contain the whole request including files: only the message is kept. */
function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return new Error(error.message, error.cause === undefined ? {} : { cause: error.cause });
}
