import { redactedCause } from "./redaction.js";

/**
 * The error codes of the SDK, with the HTTP status of a mounted endpoint's response.
 * The meaning of a code never changes. New codes may be added.
 */
export const ERROR_STATUS = {
  // The request cannot be carried out as it is.
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
  remote_history_rewritten: 422,
  conflicts: 422,
  resolution_stale: 422,
  sync_not_retryable: 400,
  sync_not_revertible: 400,
  cancelled: 422,
  // The named object does not exist, or belongs to another user.
  project_not_found: 404,
  repository_not_found: 404,
  branch_not_found: 404,
  sync_record_not_found: 404,
  link_not_found: 404,
  installation_not_found: 404,
  delivery_not_found: 404,
  // The request is malformed, not authenticated, or for an unknown endpoint.
  malformed_request: 400,
  unauthenticated: 401,
  endpoint_not_found: 404,
  method_not_allowed: 405,
  // The webhook delivery is rejected.
  invalid_signature: 401,
  delivery_refused: 401,
  payload_too_large: 413,
  request_timeout: 408,
  webhook_handler_failed: 500,
  webhook_inbox_full: 503,
  delivery_not_replayable: 422,
  // GitHub, or a rule of the branch, denies it.
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
  secret_found: 422,
  rate_limited: 429,
  too_many_pending_syncs: 429,
  too_many_links: 422,
  // The host is not configured for it, or GitHub rejects the configuration.
  oauth_misconfigured: 500,
  app_misconfigured: 500,
  app_signing_failed: 500,
  capability_not_configured: 501,
  // The branch or the files changed meanwhile, or a dependency failed.
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

/** The stable code of an error. It is the `code` of error responses and of failed sync records. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/** The options of an error. They never contain a secret. */
export interface ErrorOptions {
  /** The underlying error, for the log. It is never sent to a client. */
  readonly cause?: unknown;
  /** Machine-readable details, such as the invalid paths, or `retryAfter` in seconds. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const BRAND = Symbol.for("@infrajet/github.error");

/**
 * The error class of the SDK. `message` is safe to show to a client and says how to fix the problem. `cause` is the original
 * error of GitHub or a store, without the secrets in its texts.
 */
export class GitHubSdkError extends Error {
  override readonly name = "GitHubSdkError";
  readonly code: ErrorCode;
  /** The HTTP status of a mounted endpoint's response. */
  readonly status: number;
  /** Machine-readable details; an empty object when there are none. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, "cause" in options ? { cause: redactedCause(options.cause) } : undefined);
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.details = options.details ?? {};
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Makes `instanceof` true for errors of the ESM and the CommonJS build, which one process can load both. */
  static override [Symbol.hasInstance](value: unknown): value is GitHubSdkError {
    return isGitHubSdkError(value);
  }
}

/**
 * Returns true when a thrown value is an error of this SDK, and has the given code if there is one.
 * It checks a registered symbol instead of the class, as `instanceof GitHubSdkError` does too.
 */
export function isGitHubSdkError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is GitHubSdkError & { readonly code: Code } {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return false;
  return code === undefined || ("code" in error && error.code === code);
}
