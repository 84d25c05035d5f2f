/** A field of a request that is invalid. */
export interface InvalidField {
  readonly field: string;
  readonly message: string;
}

/** The properties of a {@link GitHubClientError}. */
export interface GitHubClientErrorProperties {
  readonly code: string;
  readonly detail: string;
  readonly status?: number;
  readonly retryAfterMs?: number | null;
  readonly errors?: readonly InvalidField[];
  readonly body?: unknown;
  readonly cause?: unknown;
}

/** A call that failed. */
export class GitHubClientError extends Error {
  /**
   * The stable code of the response, such as `github_not_connected`, or one of the client: `timeout`, `network_error` (no response),
   * `invalid_response` (a response that is not of the endpoints, for example of a proxy).
   */
  readonly code: string;
  /** The HTTP status; `null` without a response. */
  readonly status: number | null;
  /** Says what failed and how to fix it. Safe to show to a user. */
  readonly detail: string;
  /** Milliseconds to wait before the next attempt; `null` when the response has no `Retry-After`. */
  readonly retryAfterMs: number | null;
  /** The invalid fields, with status 422. */
  readonly errors: readonly InvalidField[];
  /** The body of the response, for endpoints that describe a failure in their own form, such as `getReady`. */
  readonly body: unknown;

  constructor({ code, detail, status, retryAfterMs, errors, body, cause }: GitHubClientErrorProperties) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = "GitHubClientError";
    this.code = code;
    this.status = status ?? null;
    this.detail = detail;
    this.retryAfterMs = retryAfterMs ?? null;
    this.errors = errors ?? [];
    this.body = body ?? null;
  }
}
