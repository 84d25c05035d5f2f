import { Octokit } from "octokit";
import * as z from "zod";
import { isGitHubSdkError } from "../errors.js";
import type { Logger } from "../logger.js";
import type { Credential } from "./credential.js";
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
import { type CostOfRequest, GIT_COST, graphqlCost, restCost } from "./request-cost.js";
import { NetworkFailure, RequestSender, type RequestSenderOptions } from "./request-sender.js";
import { graphqlErrorsOf } from "./upstream-text.js";

/** The parts that all clients of one SDK instance share. */
export interface OctokitClientOptions extends RequestSenderOptions {
  readonly apiUrl: string;
  readonly userAgent: string;
  readonly fetch: GitHubFetch;
  readonly git: GitTransport;
}

// The version whose responses the schemas describe. https://docs.github.com/en/rest/about-the-rest-api/api-versions
const API_VERSION = "2022-11-28";
const RETRIES = 3;

const responseSchema = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.coerce.string()),
  data: z.unknown(),
});
const failedRequestSchema = z.object({ response: responseSchema });
const headersSchema = z.record(z.string(), z.unknown()).default({});
const graphqlBodySchema = z.object({ data: z.unknown() });

/** The one place where Octokit is configured and called. */
export class OctokitClient implements GitHubClient {
  readonly apiUrl: string;
  readonly #octokit: Octokit;
  readonly #graphqlUrl: string;
  readonly credential: Credential;
  readonly #options: OctokitClientOptions;
  readonly #sender: RequestSender;

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
      // The sender does both: it knows the credential's budget, and renews its token between attempts.
      retry: { enabled: false },
      throttle: { enabled: false },
    });
    this.#sender = new RequestSender(credential, options);
  }

  async request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: GitHubRestOptions,
  ): Promise<GitHubResponse> {
    const facts = factsOf(route, options);
    const { signal, retry = isRead(facts) ? "safe" : "never" } = options;
    const cost = restCost(facts.method, facts.route);
    const response = await this.#send(route, parameters, { cost, retry, signal });
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
    const { signal, retry = "never" } = options;
    const response = await this.#send(route, { query, variables }, { cost: graphqlCost(query), retry, signal });
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
    const send = (token: string, linked: AbortSignal) => this.#options.git(request, token, linked);
    const outgoing = { route: `${method} ${route}`, cost: GIT_COST, retries: 0, queue: null, send };
    const { status, headers, data } = await this.#sender.send(outgoing, signal);
    if (data instanceof Uint8Array) return { status, headers, data };
    const response = { status, headers, data };
    const error = errorFromResponse(response, { method, route, touchesWorkflows: false });
    // GitHub's git server rejects in plain text, or with a known status.
    const isPage = status < 500 && status !== 413 && /^text\/html\b/i.test(headers["content-type"] ?? "");
    throw isPage || error.code === "github_rejected" ? noGitServer(response) : error;
  }

  #send(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    { cost, retry, signal }: { cost: CostOfRequest; retry: "safe" | "never"; signal: AbortSignal },
  ): Promise<GitHubResponse> {
    const send = (token: string, linked: AbortSignal) => this.#respond(route, parameters, token, linked);
    return this.#sender.send({ route, cost, retries: retry === "safe" ? RETRIES : 0, send }, signal);
  }

  async #respond(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    token: string,
    signal: AbortSignal,
  ): Promise<GitHubResponse> {
    const headers = {
      ...headersSchema.parse(parameters.headers),
      authorization: `Bearer ${token}`,
      "x-github-api-version": API_VERSION,
    };
    try {
      return readable(
        responseSchema.parse(await this.#octokit.request(route, { ...parameters, headers, request: { signal } })),
      );
    } catch (error) {
      if (isGitHubSdkError(error)) throw error;
      const failed = failedRequestSchema.safeParse(error);
      if (failed.success) return failed.data.response;
      // Octokit wraps each error of fetch; its other errors are failures to interpret the response.
      if (!(error instanceof Error) || error.name !== "HttpError") throw unreadableError(withoutRequest(error));
      if (isGitHubSdkError(error.cause)) throw error.cause;
      throw new NetworkFailure(unavailableError(withoutRequest(error)));
    }
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

function isRead({ method }: RequestFacts): boolean {
  return method === "GET" || method === "HEAD";
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
