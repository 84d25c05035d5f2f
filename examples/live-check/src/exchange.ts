/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One request of a check with its response, in the form of a recording. Contains no token, login or ID of a real account. */
export interface Exchange {
  /** The number of the step that sent the request. */
  readonly step: number;
  /** Unique within the step. Names the same request to GitHub and to the box. */
  readonly label: string;
  readonly request: {
    /** An HTTP method; `GIT` for a command of git, `SYNC` for a sync of the SDK. */
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Json;
  };
  readonly response: {
    /** An HTTP status, or the exit code of git. */
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Json;
  };
}

/** The response headers that are recorded: the ones that a client acts on. */
export const RECORDED_HEADERS = [
  "content-type",
  "etag",
  "last-modified",
  "link",
  "location",
  "retry-after",
  "x-accepted-github-permissions",
  "x-accepted-oauth-scopes",
  "x-github-api-version-selected",
  "x-github-media-type",
  "x-github-sso",
  "x-ms-error-code",
  "x-ms-lease-state",
  "x-ms-lease-status",
  "x-ms-version",
  "x-oauth-client-id",
  "x-oauth-scopes",
  "x-poll-interval",
  "x-ratelimit-resource",
] as const;
