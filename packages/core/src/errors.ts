/**
 * Every way an operation of this SDK can fail: its stable code and the HTTP status a mounted endpoint answers with.
 * Codes never change their meaning; new ones may come.
 */
export const ERROR_STATUS = {
  // What the caller asked for cannot be done as asked.
  validation_failed: 422,
  invalid_options: 500,
  invalid_path: 422,
  path_collision: 422,
  invalid_branch: 422,
  invalid_repository_name: 422,
  file_too_large: 422,
  repository_exists: 422,
  project_empty: 422,
  mass_deletion: 422,
  plan_stale: 422,
  conflicts: 422,
  sync_not_retryable: 400,
  cancelled: 422,
  // What was named is not there, or belongs to somebody else.
  project_not_found: 404,
  repository_not_found: 404,
  branch_not_found: 404,
  sync_record_not_found: 404,
  installation_not_found: 404,
  delivery_not_found: 404,
  // The request does not say what it has to, or not to whom it has to.
  malformed_request: 400,
  unauthenticated: 401,
  endpoint_not_found: 404,
  method_not_allowed: 405,
  // A webhook delivery cannot be taken.
  invalid_signature: 401,
  delivery_refused: 401,
  payload_too_large: 413,
  request_timeout: 408,
  webhook_handler_failed: 500,
  // GitHub, or a rule of the branch, does not allow it.
  github_not_connected: 400,
  reauth_required: 400,
  github_account_taken: 400,
  invalid_state: 400,
  authorization_denied: 400,
  oauth_failed: 400,
  insufficient_permissions: 403,
  installation_not_yours: 403,
  repository_archived: 403,
  branch_protected: 403,
  signature_required: 403,
  workflow_permission_missing: 403,
  secret_detected: 422,
  rate_limited: 429,
  too_many_pending_syncs: 429,
  // The host has not set it up, or not so that GitHub takes it.
  oauth_misconfigured: 500,
  app_misconfigured: 500,
  capability_not_configured: 501,
  // The world moved, or a part of it did not answer.
  branch_moved: 500,
  source_changed: 500,
  source_unavailable: 500,
  repository_empty: 422,
  input_too_large: 422,
  writer_refused: 422,
  tree_mismatch: 500,
  github_rejected: 500,
  github_redirect_refused: 500,
  github_unavailable: 500,
  github_timeout: 500,
  lease_lost: 500,
  sync_interrupted: 500,
  store_failed: 500,
  internal_error: 500,
} as const satisfies Record<string, number>;

/** The stable slug of an error; the `code` of every error body and of every failed sync record. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** What an error carries besides its message. Nothing in it is ever a secret. */
export interface ErrorOptions {
  /** What lies beneath; kept for the log, never sent to a client. */
  readonly cause?: unknown;
  /** Machine-readable particulars, such as the paths that are wrong or `retryAfter` in seconds. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const BRAND = Symbol.for("@infrajet/github.error");

/**
 * The one error class of this SDK. `message` is safe to show to a client and says what to do;
 * what GitHub or a store said literally is in `cause`.
 */
export class GitHubSdkError extends Error {
  override readonly name = "GitHubSdkError";
  /** The HTTP status a mounted endpoint answers with. */
  readonly status: number;
  /** Machine-readable particulars; an empty object when there are none. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: ErrorOptions = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.status = ERROR_STATUS[code];
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/**
 * Tells whether a thrown value is an error of this SDK, and of that code when one is given.
 * It looks at a registered symbol, not at the class: the ESM and the CommonJS copy can meet in one process.
 */
export function isGitHubSdkError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is GitHubSdkError & { readonly code: Code } {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || ("code" in error && error.code === code);
}
