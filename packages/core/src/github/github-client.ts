import type { z } from "zod";
import type { Credential } from "./credential.js";

/** Response headers, names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string>>;

/** What GitHub answered. `data` is parsed JSON, bytes for raw media types, and has yet to be parsed with a schema. */
export interface GitHubResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly data: unknown;
}

/** How one request is made. */
export interface GitHubRequestOptions {
  readonly signal: AbortSignal;
  /**
   * `safe`: repeated after a 5xx answer or a network failure, since asking twice does no harm. `never`: asked once.
   * Default: `safe` for GET and HEAD, `never` for everything else.
   */
  readonly retry?: "safe" | "never";
  /** Whether the request writes below `.github/workflows/`: GitHub hides the missing permission behind a 404 then. */
  readonly touchesWorkflows?: boolean;
}

/** How one REST request is made. */
export interface GitHubRestOptions extends GitHubRequestOptions {
  /** Statuses that are an answer to the caller and no error, such as 404 for "is it there?". */
  readonly expect?: readonly number[];
}

/** How one GraphQL request is made. Default of `retry`: `never`, since mutations and queries look alike from here. */
export interface GitHubGraphqlOptions extends GitHubRequestOptions {
  /** Told the headers of the answer before it is parsed. */
  readonly onHeaders?: (headers: ResponseHeaders) => void;
  /** Fields that may be missing: an error about one of them passes, and the field is null, as where a credential may not read it. */
  readonly optionalFields?: readonly string[];
}

/** The body of a request that is too large for memory. */
export interface StreamedBody {
  /** Bytes, of all pieces together. */
  readonly length: number;
  /** The body from its beginning; asked for again where the request is sent again. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** One request of git's smart HTTP protocol. */
export interface GitRequest {
  /** `owner/name`. */
  readonly repository: string;
  /** `git-receive-pack` with a body, or its advertisement, `info/refs`, without one. */
  readonly body: StreamedBody | null;
}

/** GitHub's API in the name of one credential: throttled, timed out, retried only where that is safe, errors mapped. */
export interface GitHubClient {
  /** The API's base URL without a trailing slash, such as `https://api.github.com` or `https://host/api/v3`. */
  readonly apiUrl: string;
  readonly credential: Credential;
  /**
   * Makes one REST request.
   *
   * @param route method and path template, such as `GET /repos/{owner}/{repo}`
   * @param parameters values of the template; what is left goes into the query, or the JSON body. `headers` are request headers.
   * @throws GitHubSdkError as `errorFromAnswer` maps it; `rate_limited`, `github_timeout`, `github_unavailable`; the signal's reason
   */
  request(
    route: string,
    parameters: Readonly<Record<string, unknown>>,
    options: GitHubRestOptions,
  ): Promise<GitHubResponse>;
  /**
   * Makes one GraphQL request and gives back its `data`, parsed.
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
   * Makes one request for a push with git's protocol, at GitHub's web address. A time limit applies between any two pieces of
   * the body, and to the answer after the last one.
   *
   * @returns the answer with its bytes as `data`
   * @throws GitHubSdkError as `errorFromAnswer` maps it; `writer_refused` when what answered is no git server; what `request` throws
   * @see https://git-scm.com/docs/gitprotocol-http
   */
  git(request: GitRequest, signal: AbortSignal): Promise<GitAnswer>;
}

/** What a git server answered. */
export interface GitAnswer extends GitHubResponse {
  readonly data: Uint8Array;
}
