import { Octokit } from "octokit";
import { z } from "zod";
import type { Clock } from "../adapters/clock.js";
import { isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import { abortable } from "../timing/abortable.js";
import type { Credential } from "./credential.js";
import type { CredentialQueues } from "./credential-queues.js";
import { errorFromAnswer, errorFromGraphql, type RequestFacts, unavailableError } from "./error-mapping.js";
import { type GitTransport, noGitServer } from "./git-transport.js";
import type {
  GitAnswer,
  GitHubClient,
  GitHubGraphqlOptions,
  GitHubRequestOptions,
  GitHubResponse,
  GitHubRestOptions,
  GitRequest,
} from "./github-client.js";
import type { GitHubFetch } from "./github-fetch.js";
import { rateLimitOf } from "./rate-limit.js";
import type { RateLimitGate, WaitBudget } from "./rate-limit-gate.js";
import { graphqlErrorsOf } from "./upstream-text.js";

/** What all clients of one SDK instance share. */
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
}

// The version that answers are parsed against. https://docs.github.com/en/rest/about-the-rest-api/api-versions
const API_VERSION = "2022-11-28";
const RETRIES = 3;
// More than the tries that a fresh token needs; a credential that never gives in must not make a request endless.
const MOST_REFUSALS = 12;
// Octokit's plugin repeats 409 and 429 unless told otherwise: no 4xx gets better by being repeated.
const NEVER_REPEATED = Array.from({ length: 100 }, (_, index) => 400 + index);

const responseSchema = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.coerce.string()),
  data: z.unknown(),
});
const failedRequestSchema = z.object({ response: responseSchema });
const graphqlBodySchema = z.object({ data: z.unknown() });

/** The token that a request was last sent with. */
interface SentToken {
  token: string | null;
}

/** One try of a request. */
interface Exchange {
  readonly signal: AbortSignal;
  readonly budget: WaitBudget;
  readonly sent: SentToken;
}

// What Octokit hands to a hook, as far as it is looked at; everything else is passed on.
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

  constructor(
    readonly credential: Credential,
    private readonly options: OctokitClientOptions,
  ) {
    this.apiUrl = options.apiUrl;
    // Octokit's rule: https://host/api/v3 has GraphQL at https://host/api/graphql.
    this.#graphqlUrl = `${options.apiUrl.replace(/\/api\/v3$/, "/api")}/graphql`;
    this.#octokit = new Octokit({
      baseUrl: options.apiUrl,
      userAgent: options.userAgent,
      log: logOf(options.logger),
      request: { fetch: options.fetch },
      retry: { doNotRetry: NEVER_REPEATED, retries: RETRIES, retryAfterBaseValue: options.retryBaseMs },
      throttle: options.queues.throttleOptions(credential.key),
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
    const answer = await this.#ask(route, parameters, facts, options);
    if (answer.status < 300 || options.expect?.includes(answer.status)) return answer;
    throw errorFromAnswer(answer, facts);
  }

  async graphql<Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    schema: z.ZodType<Data>,
    options: GitHubGraphqlOptions,
  ): Promise<Data> {
    const route = `POST ${this.#graphqlUrl}`;
    const facts = factsOf(route, options);
    const answer = await this.#ask(route, { query, variables }, facts, { retry: "never", ...options });
    if (answer.status >= 300) throw errorFromAnswer(answer, facts);
    options.onHeaders?.(answer.headers);
    const errors = graphqlErrorsOf(answer.data);
    const fatal = errors.filter(({ path }) => !path.some((field) => options.optionalFields?.includes(`${field}`)));
    if (fatal.length > 0) throw errorFromGraphql(fatal, answer, facts);
    const parsed = schema.safeParse(graphqlBodySchema.safeParse(answer.data).data?.data);
    if (!parsed.success) throw unavailableError(parsed.error);
    return parsed.data;
  }

  async git(request: GitRequest, signal: AbortSignal): Promise<GitAnswer> {
    const method = request.body === null ? "GET" : "POST";
    const route = `/{owner}/{repo}.git/${request.body === null ? "info/refs" : "git-receive-pack"}`;
    const { status, headers, data } = await this.#insist(`${method} ${route}`, signal, async (exchange) =>
      this.options.git(request, await this.#admit(exchange), exchange.signal),
    );
    if (data instanceof Uint8Array) return { status, headers, data };
    const answer = { status, headers, data };
    const error = errorFromAnswer(answer, { method, route, touchesWorkflows: false });
    // GitHub's git server refuses in plain text, with words of its own or with the statuses that are known.
    const isPage = status < 500 && status !== 413 && /^text\/html\b/i.test(headers["content-type"] ?? "");
    throw isPage || error.code === "github_rejected" ? noGitServer(answer) : error;
  }

  get #gate(): RateLimitGate {
    return this.options.queues.gate(this.credential.key);
  }

  #ask(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    facts: RequestFacts,
    { signal, retry = facts.method === "GET" || facts.method === "HEAD" ? "safe" : "never" }: GitHubRequestOptions,
  ): Promise<GitHubResponse> {
    // A number of retries in the request makes Octokit's plugin repeat whatever fails: only "none" is said there.
    const retries = retry === "safe" ? {} : { retries: 0 };
    return this.#insist(route, signal, (exchange) =>
      this.#answer(route, { ...parameters, request: { ...exchange, ...retries } }),
    );
  }

  /** Asks until there is an answer that is no rate limit; error statuses are answers too. */
  async #insist(
    route: string,
    signal: AbortSignal,
    ask: (exchange: Exchange) => Promise<GitHubResponse>,
  ): Promise<GitHubResponse> {
    const budget: WaitBudget = { spentMs: 0 };
    const sent: SentToken = { token: null };
    for (let refusals = 0; ; ) {
      const answer = await abortable([signal, this.options.closing], (linked) => ask({ signal: linked, budget, sent }));
      // Nothing was done by a request that was not authorized, so that also a write may be sent again.
      if (answer.status === 401 && refusals < MOST_REFUSALS && (await this.#hasBetterToken(sent, signal))) {
        refusals += 1;
        continue;
      }
      const limit = rateLimitOf(answer, this.options.clock.now());
      if (limit === null) {
        this.#gate.succeeded();
        return answer;
      }
      this.options.logger.warn("GitHub's rate limit was reached", { credential: this.credential.key, route, ...limit });
      this.#gate.close(limit);
    }
  }

  /** The token for one exchange, once GitHub's limits let it pass. */
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

  async #answer(route: string, parameters: Record<string, unknown>): Promise<GitHubResponse> {
    try {
      return readable(responseSchema.parse(await this.#octokit.request(route, parameters)));
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      const failed = failedRequestSchema.safeParse(error);
      if (failed.success) return failed.data.response;
      throw unavailableError(withoutRequest(error));
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
      // Octokit wraps whatever fetch throws, and would repeat a refusal of ours as if it were the network's.
      const cause: unknown = error instanceof Error ? error.cause : undefined;
      throw isGitHubSdkError(cause) ? cause : error;
    }
  };
}

/** Octokit calls the functions by themselves and adds those that it misses; a logger's may need their object. */
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

/** Octokit hands a body that is no JSON on as text; GitHub sends text in no answer that is asked for here. */
function readable(answer: GitHubResponse): GitHubResponse {
  if (typeof answer.data !== "string" || (answer.data === "" && answer.status !== 200)) return answer;
  throw unavailableError(new Error(`GitHub answered ${answer.status} with a body that is no JSON`));
}

/** Octokit's errors carry the whole request, files included: only the words are kept. */
function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  return new Error(error.message, error.cause === undefined ? {} : { cause: error.cause });
}
