import { GitHubSdkError, isGitHubSdkError } from "@infrajet/github/errors";
import { z } from "zod";

/** Why a request failed, as far as it decides what is done next. */
export type FailureKind =
  /** The file, or a directory above it, is not there. */
  | "gone"
  /** What is asked for is of a size or kind that the path no longer has. */
  | "changed"
  | "share_not_found"
  | "forbidden"
  | "throttled"
  /** A lease, or a program that has opened the file over SMB, keeps others out. */
  | "in_use"
  | "snapshot_limit"
  | "rejected"
  | "unavailable";

/** What is known of a failed request. */
export interface AzureFailure {
  readonly kind: FailureKind;
  /** Azure's error code, or the network's. */
  readonly code: string | null;
  readonly status: number | null;
  /** Seconds that Azure wants to be left alone. */
  readonly retryAfter: number | null;
  /** Whether the same request may well succeed a little later. */
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

// The errors of @azure/identity when it gets no token.
const credentialError = z.object({
  name: z.enum(["AuthenticationError", "AggregateAuthenticationError", "CredentialUnavailableError"]),
});

/** Reads what a client of Azure threw. */
export function failureOf(error: unknown): AzureFailure {
  if (error instanceof RequestTimeout) return failure("unavailable", { code: "RequestTimeout", isTransient: true });
  if (credentialError.safeParse(error).success) return failure("forbidden", { code: "CredentialUnavailable" });
  const parsed = restError.safeParse(error);
  if (!parsed.success) return failure("unavailable", {});
  const { statusCode } = parsed.data;
  // The answer to HEAD has no body that the SDK could take the code from.
  const code = header(error, "x-ms-error-code") ?? parsed.data.code ?? null;
  const retryAfter = retryAfterOf(header(error, "retry-after"), header(error, "x-ms-retry-after-ms"));
  // An answer of 200 that ended early or could not be read has this status, or none at all.
  if (statusCode === undefined || statusCode < 300) return failure("unavailable", { code, isTransient: true });
  const isTransient = TRANSIENT_STATUSES.has(statusCode) || code === "ClientCacheFlushDelay";
  return failure(kindOf(code, statusCode), { code, status: statusCode, retryAfter, isTransient });
}

/** An answer that did not come in time. */
export class RequestTimeout extends Error {
  constructor(milliseconds: number) {
    super(`Azure Files did not answer within ${milliseconds / 1_000} s`);
  }
}

/**
 * The error for a request about a path of a project (`""` is its directory) that was there before: `source_changed` when it
 * is another one or gone by now, `source_unavailable` for everything else. An error of this SDK stays what it is.
 */
export function azureError(error: unknown, path: string): GitHubSdkError {
  if (isGitHubSdkError(error)) return error;
  const failed = failureOf(error);
  if (failed.kind === "gone" || failed.kind === "changed") return changedError(path, error);
  return unavailableError(error, path);
}

/** The path changed while the project was being read. */
export function changedError(path: string, cause?: unknown): GitHubSdkError {
  const message = `${shown(path)} changed while the project was being read; try again.`;
  return new GitHubSdkError("source_changed", message, { details: { path }, ...causeOf(cause) });
}

/** `source_unavailable` with what stands in the way, as `details.reason` too. */
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
  const message = WORDS[kind](shown(path), code ?? "no details");
  return new GitHubSdkError("source_unavailable", message, { details, ...causeOf(error) });
}

const WORDS: Readonly<Record<FailureKind, (path: string, code: string) => string>> = {
  gone: (path) => `${path} is not there.`,
  changed: (path) => `${path} is of another kind or size than expected.`,
  share_not_found: () => "The file share does not exist in this storage account; check shareName.",
  forbidden: (_, code) =>
    `Azure Files refused the credential (${code}); check that it has not expired and what it may do with the share.`,
  throttled: () => "Azure Files has too many requests; try again later.",
  in_use: (path, code) => `${path} is in use by another program (${code}); try again when it is closed.`,
  snapshot_limit: () => "The share has as many snapshots as Azure allows (200); delete those that are not needed.",
  rejected: (path, code) => `Azure Files did not take the request for ${path} (${code}).`,
  unavailable: (_, code) => `Azure Files cannot be reached or did not answer as expected (${code}); try again later.`,
};

function failure(kind: FailureKind, known: Partial<Omit<AzureFailure, "kind">>): AzureFailure {
  return { kind, code: null, status: null, retryAfter: null, isTransient: false, ...known };
}

function kindOf(code: string | null, status: number): FailureKind {
  const known = code === null ? undefined : KINDS[code];
  if (known !== undefined) return known;
  if (status === 401 || status === 403) return "forbidden";
  if (status === 429) return "throttled";
  // A 404 without a code that says what is missing is not Azure's: nothing follows from it for the files.
  if (status >= 500 || status === 408 || status === 404) return "unavailable";
  return code?.startsWith("Lease") ? "in_use" : "rejected";
}

/** Seconds. Azure's services give them so, or in a header of their own as milliseconds. */
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

// The SDK's errors carry the request, with its signature in the URL or a header: only words are handed on.
function causeOf(error: unknown): { readonly cause?: Error } {
  if (error === undefined) return {};
  const { code, status } = failureOf(error);
  const text = error instanceof Error ? error.message : String(error);
  const message = (text.split("\n", 1)[0] ?? "").slice(0, 500).replaceAll(/\bsig=[^&\s"]+/gi, "sig=[redacted]");
  const cause = Object.assign(new Error(message), { code, status, requestId: header(error, "x-ms-request-id") });
  return { cause };
}
