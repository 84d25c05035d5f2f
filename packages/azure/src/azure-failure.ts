import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import * as z from "zod";

/** The kind of a request's failure, which determines the reaction. */
export type FailureKind =
  /** The file or a directory above it does not exist. */
  | "gone"
  /** The size or type of the path is not the one that was requested. */
  | "changed"
  | "share_not_found"
  | "forbidden"
  | "throttled"
  /** A lease or an SMB client with the file open prevents access. */
  | "in_use"
  | "snapshot_limit"
  | "rejected"
  | "unavailable";

/** A failed request. */
export interface AzureFailure {
  readonly kind: FailureKind;
  /** The error code of Azure or of the network. */
  readonly code: string | null;
  readonly status: number | null;
  /** The seconds in Azure's `Retry-After` header. */
  readonly retryAfter: number | null;
  /** True when the same request may succeed later. */
  readonly isTransient: boolean;
}

const KINDS: Readonly<Record<string, FailureKind>> = {
  ResourceNotFound: "gone",
  ParentNotFound: "gone",
  DeletePending: "gone",
  InvalidRange: "changed",
  ResourceTypeMismatch: "changed",
  ShareNotFound: "share_not_found",
  ShareBeingDeleted: "share_not_found",
  ShareSnapshotNotFound: "share_not_found",
  ShareSnapshotCountExceeded: "snapshot_limit",
  ServerBusy: "throttled",
  SharingViolation: "in_use",
  FileLockConflict: "in_use",
  ClientCacheFlushDelay: "in_use",
  CannotDeleteFileOrDirectory: "in_use",
  ReadOnlyAttribute: "in_use",
  LeaseIdMissing: "in_use",
};

const TRANSIENT_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

const restError = z.object({
  name: z.literal("RestError"),
  code: z.string().optional(),
  statusCode: z.number().optional(),
  response: z.object({ headers: z.object({ get: z.unknown() }) }).optional(),
});

// The errors that @azure/identity throws when it cannot get a token.
const credentialError = z.object({
  name: z.enum(["AuthenticationError", "AggregateAuthenticationError", "CredentialUnavailableError"]),
});

/** Converts an error of the Azure client. */
export function failureOf(error: unknown): AzureFailure {
  if (error instanceof RequestTimeout) return failure("unavailable", { code: "RequestTimeout", isTransient: true });
  if (credentialError.safeParse(error).success) return failure("forbidden", { code: "CredentialUnavailable" });
  const parsed = restError.safeParse(error);
  if (!parsed.success) return failure("unavailable", {});
  const { statusCode } = parsed.data;
  // The response to HEAD has no body from which the Azure client could read the code.
  const code = header(error, "x-ms-error-code") ?? parsed.data.code ?? null;
  const retryAfter = retryAfterOf(header(error, "retry-after"), header(error, "x-ms-retry-after-ms"));
  // A truncated or unreadable 200 response has this status, or none at all.
  if (statusCode === undefined || statusCode < 300) return failure("unavailable", { code, isTransient: true });
  const isTransient = TRANSIENT_STATUSES.has(statusCode) || code === "ClientCacheFlushDelay";
  return failure(kindOf(code, statusCode), { code, status: statusCode, retryAfter, isTransient });
}

/** The error for a response that did not arrive in time. */
export class RequestTimeout extends Error {
  constructor(milliseconds: number) {
    super(`Azure Files did not respond within ${milliseconds / 1_000} s`);
  }
}

/**
 * Returns the error for a failed request about a path that existed before (`""` is the project's directory): `source_changed`
 * when the path was changed or deleted, otherwise `source_unavailable`. Returns errors of this SDK unchanged.
 */
export function azureError(error: unknown, path: string): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  const failed = failureOf(error);
  if (failed.kind === "gone" || failed.kind === "changed") return changedError(path, error);
  return unavailableError(error, path);
}

/** Returns a `source_changed` error for a path that changed while the project was being read. */
export function changedError(path: string, cause?: unknown): GitHubSdkError {
  const message = `${shown(path)} changed while the project was being read. Try again.`;
  return new GitHubSdkError("source_changed", message, { details: { path }, ...causeOf(cause) });
}

/** Returns a `source_unavailable` error with the failure's kind as `details.reason`. */
export function unavailableError(error: unknown, path: string): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  const { kind, code, status, retryAfter } = failureOf(error);
  const details = {
    reason: kind,
    ...(path === "" ? {} : { path }),
    ...(code === null ? {} : { azureCode: code }),
    ...(status === null ? {} : { azureStatus: status }),
    ...(retryAfter === null ? {} : { retryAfter }),
  };
  const message = MESSAGES[kind](shown(path), code ?? "no details");
  return new GitHubSdkError("source_unavailable", message, { details, ...causeOf(error) });
}

const MESSAGES: Readonly<Record<FailureKind, (path: string, code: string) => string>> = {
  gone: (path) => `${path} does not exist.`,
  changed: (path) => `${path} has an unexpected type or size.`,
  share_not_found: () => "The file share does not exist in this storage account. Check shareName.",
  forbidden: (_, code) =>
    `Azure Files rejected the credential (${code}). Check that it has not expired and that it has access to the share.`,
  throttled: () => "Azure Files received too many requests. Try again later.",
  in_use: (path, code) => `${path} is in use by another program (${code}). Try again when it is closed.`,
  snapshot_limit: () => "The share has the maximum number of snapshots (200). Delete snapshots that are not needed.",
  rejected: (path, code) => `Azure Files rejected the request for ${path} (${code}).`,
  unavailable: (_, code) => `Azure Files is unreachable or returned an unexpected response (${code}). Try again later.`,
};

function failure(kind: FailureKind, known: Partial<Omit<AzureFailure, "kind">>): AzureFailure {
  return { kind, code: null, status: null, retryAfter: null, isTransient: false, ...known };
}

function kindOf(code: string | null, status: number): FailureKind {
  const known = code === null ? undefined : KINDS[code];
  if (known !== undefined) return known;
  if (status === 401 || status === 403) return "forbidden";
  if (status === 429) return "throttled";
  // A 404 without a known code does not come from Azure, so it does not mean that a file is missing.
  if (status >= 500 || status === 408 || status === 404) return "unavailable";
  return code?.startsWith("Lease") ? "in_use" : "rejected";
}

/** Returns seconds. Azure reports them in `retry-after`, or milliseconds in a header of its own. */
function retryAfterOf(seconds: string | null, milliseconds: string | null): number | null {
  const isNumber = (text: string | null): text is string => text !== null && /^\d+$/.test(text);
  if (isNumber(milliseconds)) return Number(milliseconds) / 1_000;
  return isNumber(seconds) ? Number(seconds) : null;
}

const headers = z.object({ response: z.object({ headers: z.custom<{ get(name: string): unknown }>(hasGet) }) });

function hasGet(value: unknown): boolean {
  return typeof value === "object" && value !== null && "get" in value && typeof value.get === "function";
}

function header(error: unknown, name: string): string | null {
  const parsed = headers.safeParse(error);
  const value = parsed.success ? parsed.data.response.headers.get(name) : null;
  return typeof value === "string" ? value : null;
}

function shown(path: string): string {
  return path === "" ? "The project's directory" : JSON.stringify(path);
}

// Errors of the Azure client contain the request with its signature, so only the message is kept.
function causeOf(error: unknown): { readonly cause?: Error } {
  if (error === undefined) return {};
  const { code, status } = failureOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const message = (text.split("\n", 1)[0] ?? "").slice(0, 500).replaceAll(/\bsig=[^&\s"]+/gi, "sig=[redacted]");
  const cause = Object.assign(new Error(message), { code, status, requestId: header(error, "x-ms-request-id") });
  return { cause };
}
