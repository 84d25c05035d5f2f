import * as z from "zod";
import { defined } from "../defined.js";
import { type ErrorCode, GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { fieldOfOption, toErrorText } from "./error-text.js";
import type { HttpResponse } from "./http-message.js";
import { jsonResponse } from "./json-response.js";
import { named } from "./wire-value.js";

const fieldErrors = z.array(z.object({ field: z.string(), message: z.string() }));

export const errorSchema = named(
  "GitHubError",
  z.object({
    detail: z.string().describe("Human-readable explanation and how to fix it"),
    code: z.string().describe("Stable, machine-readable error code"),
    errors: fieldErrors.optional().describe("Only with status 422: the invalid fields"),
  }),
);

/** The body of every error. */
export type GitHubErrorBody = z.infer<typeof errorSchema>;

/** The field that an error code is about, for errors that name no field themselves. */
const FIELD_OF_CODE: Partial<Record<ErrorCode, string>> = {
  invalid_branch: "branch",
  invalid_path: "files",
  path_collision: "files",
  file_too_large: "files",
  secret_detected: "files",
  secret_found: "allow_secrets",
  input_too_large: "files",
  invalid_repository_name: "repository_full_name",
  repository_exists: "name",
  mass_deletion: "allow_mass_deletion",
  project_empty: "allow_empty_project",
};

/** Returns the response for an error. Unknown errors become `internal_error` without details. */
export function errorResponse(error: unknown): HttpResponse {
  const known = isGitHubSdkError(error)
    ? error
    : new GitHubSdkError("internal_error", "Internal error. See the host's log for the cause.");
  const { code, status, details } = known;
  const message = toErrorText(known);
  const body: GitHubErrorBody = {
    detail: message,
    code,
    ...defined({ errors: status === 422 ? fieldsOf(code, message, details) : undefined }),
  };
  return jsonResponse(status, body, headersOf(code, status, details));
}

/** True for errors that the host must look at: unknown ones and those with status 500, except errors that are already logged. */
export function isUnexpected(error: unknown): boolean {
  if (isGitHubSdkError(error, "webhook_handler_failed")) return false;
  return !isGitHubSdkError(error) || error.status === 500;
}

function fieldsOf(
  code: ErrorCode,
  message: string,
  { errors, option }: Readonly<Record<string, unknown>>,
): GitHubErrorBody["errors"] {
  const field = typeof option === "string" ? fieldOfOption(option) : (FIELD_OF_CODE[code] ?? "");
  return fieldErrors.safeParse(errors).data ?? [{ field, message }];
}

function headersOf(
  code: ErrorCode,
  status: number,
  { retryAfter, allow }: Readonly<Record<string, unknown>>,
): Record<string, string> {
  // Signatures of webhooks are not an HTTP authentication scheme.
  if (code === "unauthenticated") return { "www-authenticate": "Bearer" };
  if (status === 405 && typeof allow === "string") return { allow };
  if (status !== 429) return {};
  return { "retry-after": String(typeof retryAfter === "number" ? Math.max(1, Math.ceil(retryAfter)) : 60) };
}
