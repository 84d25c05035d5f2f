import type * as z from "zod";
import type { Credential } from "./credential.js";

/** Response headers, names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string>>;

/** A response from GitHub. `data` is parsed JSON, or bytes for raw media types; parse it with a schema. */
export interface GitHubResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly data: unknown;
}

/** Options of one request. */
export interface GitHubRequestOptions {
  readonly signal: AbortSignal;
  /**
   * `safe`: the request is retried after a 5xx response or a network failure. `never`: it is sent once.
   * Defaults to `safe` for GET and HEAD, `never` for all other methods.
   */
  readonly retry?: "safe" | "never";
  /** True for a request that writes below `.github/workflows/`: GitHub hides that missing permission behind a 404. */
  readonly touchesWorkflows?: boolean;
}

/** Options of one REST request. */
export interface GitHubRestOptions extends GitHubRequestOptions {
  /** Error statuses that are returned to the caller instead of thrown, such as 404 for an existence check. */
  readonly expect?: readonly number[];
}

/** Options of one GraphQL request. `retry` defaults to `never`, since queries and mutations have the same method. */
export interface GitHubGraphqlOptions extends GitHubRequestOptions {
  /** Called with the response headers before the response is parsed. */
  readonly onHeaders?: (headers: ResponseHeaders) => void;
  /** Fields that may fail, for example because the credential may not read them: an error about one is ignored, and the field is null. */
  readonly optionalFields?: readonly string[];
}

/** The body of a request that is too large for memory. */
export interface StreamedBody {
  /** The size of all pieces together, in bytes. */
  readonly length: number;
  /** Returns the body from its beginning. Called again when the request is sent again. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** One request of git's smart HTTP protocol. */
export interface GitRequest {
  /** `owner/name`. */
  readonly repository: string;
  /** `git-receive-pack` with a body, or its advertisement, `info/refs`, without one. */
  readonly body: StreamedBody | null;
}

/** GitHub's API for one credential, with throttling, timeouts, retries of safe requests and mapped errors. */
export interface GitHubClient {
  /** The API's base URL without a trailing slash, such as `https://api.github.com` or `https://host/api/v3`. */
  readonly apiUrl: string;
  readonly credential: Credential;
  /**
   * Sends one REST request.
   *
   * @param route method and path template, such as `GET /repos/{owner}/{repo}`
   * @param parameters values of the template; the others go into the query, or the JSON body. `headers` are request headers.
   * @throws GitHubSdkError as `errorFromResponse` maps it; `rate_limited`, `github_timeout`, `github_unavailable`; the signal's reason
   */
  request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: GitHubRestOptions,
  ): Promise<GitHubResponse>;
  /**
   * Sends one GraphQL request and returns its parsed `data`.
   *
   * @throws GitHubSdkError as `errorFromGraphql` maps it, and what `request` throws
   */
  graphql<Data>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
    schema: z.ZodType<Data>,
    options: GitHubGraphqlOptions,
  ): Promise<Data>;
  /**
   * Sends one request of git's push protocol to GitHub's web address. The timeout applies between two pieces of the body, and
   * to the response after the last piece.
   *
   * @returns the response with its bytes as `data`
   * @throws GitHubSdkError as `errorFromResponse` maps it; `writer_refused` when the server is not a git server; what `request` throws
   * @see https://git-scm.com/docs/gitprotocol-http
   */
  git(request: GitRequest, signal: AbortSignal): Promise<GitResponse>;
}

/** A response of a git server. */
export interface GitResponse extends GitHubResponse {
  readonly data: Uint8Array;
}
