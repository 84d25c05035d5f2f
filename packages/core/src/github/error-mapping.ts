import { GitHubSdkError, isGitHubSdkError } from "../errors.js";
import { MEANINGS, type Meaning, PUSH_RULES, SAML, WORDS } from "./error-meanings.js";
import type { GitHubResponse, ResponseHeaders } from "./github-client.js";
import { missingScopesOf, missingScopesText } from "./missing-scopes.js";
import { type GraphqlError, textOf } from "./upstream-text.js";

/** The facts of a request that decide how an error response is interpreted. */
export interface RequestFacts {
  /** Upper case. */
  readonly method: string;
  /** The path template or URL: for the log, and to recognize requests to a repository. */
  readonly route: string;
  readonly touchesWorkflows: boolean;
}

/**
 * Maps a response with an error status to an error.
 *
 * @returns an error whose message says what to do; GitHub's own text is only in its `cause`. `details.githubStatus` is the
 * status, `details.requestId` the id that GitHub's support asks for.
 */
export function errorFromResponse(response: GitHubResponse, facts: RequestFacts): GitHubSdkError {
  const text = textOf(response.data);
  return toError(meaningOf(response, facts, text), response, facts, text, {});
}

/**
 * Maps the errors of a GraphQL response to an error: GitHub sends most of them with status 200.
 *
 * @returns an error as `errorFromResponse` does; `details.graphqlTypes` are the errors' types
 */
export function errorFromGraphql(
  errors: readonly GraphqlError[],
  response: GitHubResponse,
  facts: RequestFacts,
): GitHubSdkError {
  const text = errors.map((error) => `${error.type} ${error.message}`.trim()).join("; ");
  const details = { graphqlTypes: errors.map((error) => error.type) };
  const undefinedFields = errors.flatMap((error) => error.undefinedField ?? []);
  const more = undefinedFields.length === 0 ? details : { ...details, undefinedFields };
  return toError(graphqlMeaningOf(errors, response, facts, text), response, facts, text, more);
}

/**
 * Maps the text with which a git server rejected a push, with status 200, to an error.
 *
 * @returns an error as `errorFromResponse` does
 */
export function errorFromPush(text: string, touchesWorkflows: boolean): GitHubSdkError {
  const facts = { method: "POST", route: "/{owner}/{repo}.git/git-receive-pack", touchesWorkflows };
  return errorFromResponse({ status: 200, headers: {}, data: text }, facts);
}

/** Returns the error for a rate limit that lasts longer than the SDK waits. */
export function rateLimitedError(waitMs: number): GitHubSdkError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  return new GitHubSdkError("rate_limited", `GitHub's rate limit is exceeded. Try again in ${retryAfter} seconds.`, {
    details: { retryAfter },
  });
}

/** Returns the error for a request that GitHub did not respond to in time. */
export function timeoutError(): GitHubSdkError {
  return new GitHubSdkError("github_timeout", "GitHub did not respond in time. Try again.");
}

/** Returns the error for a request that got no response. */
export function unavailableError(cause: unknown): GitHubSdkError {
  return new GitHubSdkError(MEANINGS.unavailable.code, MEANINGS.unavailable.message, { cause });
}

/** Returns the error for a response that cannot be parsed. A write may have been carried out. */
export function unreadableError(cause: unknown): GitHubSdkError {
  const message =
    "GitHub sent a response that cannot be read. Try again; if it happens again, check that no proxy changes responses and that `apiUrl` is GitHub's API.";
  return new GitHubSdkError("github_unavailable", message, { cause });
}

/** Returns the error for a response body beyond a size limit. A write may have been carried out. */
export function responseTooLargeError(maxBytes: number): GitHubSdkError {
  const message = `GitHub sent a response larger than ${Math.floor(maxBytes / 1024 / 1024)} MiB, which is not read. Try again; if it happens again, check that no proxy changes responses.`;
  return new GitHubSdkError("github_unavailable", message, { details: { maxBytes } });
}

function meaningOf(response: GitHubResponse, facts: RequestFacts, text: string): Meaning {
  const { status } = response;
  if (status >= 500) return MEANINGS.unavailable;
  if (status === 401) return MEANINGS.reauth;
  if (status === 413) return MEANINGS.tooLarge;
  if ((status === 403 || status === 404) && requiresSso(response)) return MEANINGS.sso;
  if (status === 404) return notFoundMeaning(facts);
  if (hasSecretMetadata(response.data)) return MEANINGS.secret;
  if (status === 403 && SAML.test(text)) return MEANINGS.sso;
  const words = WORDS.find(([pattern]) => pattern.test(text))?.[1];
  if (words !== undefined) return words;
  if (status === 403) return forbiddenMeaning(response, facts);
  // The remaining meaning of 409 is a concurrent write.
  if (status === 409) return MEANINGS.moved;
  return MEANINGS.rejected;
}

// Another form of the header, `partial-results`, comes with lists that leave organizations out.
function requiresSso({ headers }: GitHubResponse): boolean {
  return headers["x-github-sso"]?.startsWith("required") === true;
}

function notFoundMeaning(facts: RequestFacts): Meaning {
  if (isWrite(facts) && facts.touchesWorkflows) return MEANINGS.workflow;
  return /\/(?:repos|repositories)\/|\.git\//.test(facts.route) ? MEANINGS.repository : MEANINGS.rejected;
}

function forbiddenMeaning(response: GitHubResponse, facts: RequestFacts): Meaning {
  const needed = response.headers["x-accepted-github-permissions"];
  if (!isWrite(facts) || !facts.touchesWorkflows) return MEANINGS.permission;
  return needed === undefined || needed.includes("workflows") ? MEANINGS.workflow : MEANINGS.permission;
}

function graphqlMeaningOf(
  errors: readonly GraphqlError[],
  response: GitHubResponse,
  facts: RequestFacts,
  text: string,
): Meaning {
  const types = new Set(errors.map((error) => error.type));
  if (errors.some((error) => error.type.startsWith("STALE_"))) return MEANINGS.moved;
  // A mutation that ran out of time may have been carried out.
  if (/may be the result of a timeout|something went wrong while executing/i.test(text)) return MEANINGS.timeout;
  const words = WORDS.find(([pattern]) => pattern.test(text))?.[1];
  if (words !== undefined) return words;
  if (errors.some(({ samlFailure }) => samlFailure) || SAML.test(text)) return MEANINGS.sso;
  if (types.has("FORBIDDEN") && requiresSso(response)) return MEANINGS.sso;
  if (types.has("RESOURCE_LIMITS_EXCEEDED")) return MEANINGS.tooLarge;
  if (types.has("FORBIDDEN") || types.has("INSUFFICIENT_SCOPES")) {
    return facts.touchesWorkflows ? MEANINGS.workflow : MEANINGS.permission;
  }
  if (types.has("NOT_FOUND")) return facts.touchesWorkflows ? MEANINGS.workflow : MEANINGS.repository;
  return MEANINGS.rejected;
}

function toError(
  meaning: Meaning,
  response: GitHubResponse,
  facts: RequestFacts,
  text: string,
  more: Readonly<Record<string, unknown>>,
): GitHubSdkError {
  const { headers, status } = response;
  const missingScopes = missingScopesOf(meaning.code, headers);
  return new GitHubSdkError(meaning.code, `${meaning.message}${missingScopesText(missingScopes)}`, {
    cause: new Error(`GitHub responded ${status} to ${facts.method} ${facts.route}: ${text.slice(0, 2000)}`),
    details: {
      githubStatus: status,
      ...detail("requestId", headers["x-github-request-id"]),
      ...detail("sso", headers["x-github-sso"]),
      ...detail("ssoUrl", ssoUrlOf(headers)),
      ...(meaning === MEANINGS.pushRule ? detail("rule", PUSH_RULES.find(([pattern]) => pattern.test(text))?.[1]) : {}),
      ...(meaning.code === "insufficient_permissions" || meaning.code === "workflow_permission_missing"
        ? detail("acceptedPermissions", headers["x-accepted-github-permissions"])
        : {}),
      ...(missingScopes.length === 0 ? {} : { missingScopes }),
      ...more,
    },
  });
}

function detail(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

/** Returns the address at which the user authorizes the credential for the organization. */
function ssoUrlOf(headers: ResponseHeaders): string | undefined {
  const url = /^required;\s*url=(https:\/\/\S{1,2000})$/.exec(headers["x-github-sso"] ?? "")?.[1];
  return url !== undefined && URL.canParse(url) ? url : undefined;
}

/** Returns the fields of a query that the server's schema does not have, as on an older GitHub Enterprise Server. */
export function undefinedFieldsOf(error: unknown): readonly unknown[] {
  if (!isGitHubSdkError(error, "github_rejected")) return [];
  const { undefinedFields } = error.details;
  return Array.isArray(undefinedFields) ? undefinedFields : [];
}

function isWrite(facts: RequestFacts): boolean {
  return facts.method !== "GET" && facts.method !== "HEAD";
}

function hasSecretMetadata(data: unknown): boolean {
  if (typeof data !== "object" || data === null || !("metadata" in data)) return false;
  const { metadata } = data;
  return typeof metadata === "object" && metadata !== null && "secret_scanning" in metadata;
}
