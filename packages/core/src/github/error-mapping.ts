import { type ErrorCode, GitHubSdkError } from "../errors.js";
import type { GitHubResponse } from "./github-client.js";
import { type GraphqlError, textOf } from "./upstream-text.js";

/** What was asked, as far as it decides what an answer means. */
export interface RequestFacts {
  /** Upper case. */
  readonly method: string;
  /** The path template or URL, for the log and to tell repository requests from others. */
  readonly route: string;
  readonly touchesWorkflows: boolean;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
}

const MEANINGS = {
  reauth: {
    code: "reauth_required",
    message: "GitHub no longer accepts the credential. Connect the GitHub account again.",
  },
  sso: {
    code: "insufficient_permissions",
    message: "The organization demands single sign-on. Authorize the credential for the organization on GitHub.",
  },
  permission: {
    code: "insufficient_permissions",
    message: "The credential may not do this on GitHub. Grant it the missing permission, or use another account.",
  },
  archived: {
    code: "repository_archived",
    message: "The repository is archived and therefore read-only. Unarchive it on GitHub, or use another one.",
  },
  repository: {
    code: "repository_not_found",
    message: "GitHub does not show this repository to the credential: it does not exist, or access to it is missing.",
  },
  workflow: {
    code: "workflow_permission_missing",
    message:
      "Files below .github/workflows/ need a further permission: the scope `workflow` of an OAuth token, or `Workflows: write` of a GitHub App.",
  },
  empty: { code: "repository_empty", message: "The repository is empty: it has no commit yet." },
  secret: {
    code: "secret_detected",
    message: "GitHub found a secret in the files and refused them. Take the secret out of the project and revoke it.",
  },
  signature: {
    code: "signature_required",
    message: "The rules of the branch demand signed commits, and this commit is not signed.",
  },
  rules: {
    code: "branch_protected",
    message: "The rules of the branch do not allow this push. Use a pull request, or have the rules changed.",
  },
  moved: {
    code: "branch_moved",
    message: "The branch has been changed by somebody else in the meantime.",
  },
  tooLarge: {
    code: "input_too_large",
    message: "GitHub did not take this much in one request.",
  },
  fileTooLarge: {
    code: "file_too_large",
    message: "GitHub takes files of up to 100 MB, and one of these is larger. Leave it out, or use Git LFS.",
  },
  hook: {
    code: "branch_protected",
    message: "A rule of the GitHub server declined this push; the log has its words.",
  },
  tree: {
    code: "tree_mismatch",
    message: "The branch does not hold what was expected there. Sync again.",
  },
  path: { code: "invalid_path", message: "GitHub does not accept one of the paths." },
  timeout: { code: "github_timeout", message: "GitHub did not finish in time. Try again." },
  unavailable: {
    code: "github_unavailable",
    message: "GitHub cannot be reached, or has a disturbance. Try again later.",
  },
  rejected: { code: "github_rejected", message: "GitHub refused the request; the log has its reason." },
} as const satisfies Record<string, Meaning>;

/**
 * What GitHub's words mean, where the status alone leaves it open. First match counts: a secret, for example, is
 * reported as a rule violation too. Texts may be long: no pattern may look at all that follows, again and again. They may
 * name files: a pattern is more than one word.
 */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [/repository is empty/i, MEANINGS.empty],
  [/secret detected|push protection|push cannot contain secrets/i, MEANINGS.secret],
  [/refusing to allow .{0,200} workflow/i, MEANINGS.workflow],
  [/verified signatures|must be signed|signed commits/i, MEANINGS.signature],
  [
    /rule violations? found|protected (?:branch|ref)|through (?:a pull request|the merge queue)|approving review|required status check|branch is locked/i,
    MEANINGS.rules,
  ],
  [/error: GH001|exceeds GitHub's file size limit/i, MEANINGS.fileTooLarge],
  [/request timed out|too large to process|input was too large|pack exceeds maximum allowed size/i, MEANINGS.tooLarge],
  [
    /not a fast.?forward|reference already exists|reference does not exist|expected branch to point to|is at \S+ but expected|"?sha"? wasn't supplied/i,
    MEANINGS.moved,
  ],
  [
    /BadObjectState|base_tree is not|requested for deletion|missing necessary objects|did not receive expected object|object of unexpected type/i,
    MEANINGS.tree,
  ],
  [/tree\.path|malformed path/i, MEANINGS.path],
  [/repository (?:was|is|has been) archived/i, MEANINGS.archived],
  [/hook declined/i, MEANINGS.hook],
];

/**
 * What an answer with an error status means.
 *
 * @returns an error whose message says what to do; GitHub's own text is only in its `cause`. `details.githubStatus` is the
 * status, `details.requestId` what GitHub's support asks for.
 */
export function errorFromAnswer(answer: GitHubResponse, facts: RequestFacts): GitHubSdkError {
  const text = textOf(answer.data);
  return toError(meaningOf(answer, facts, text), answer, facts, text, {});
}

/**
 * What the errors of a GraphQL answer mean: GitHub sends most of them with status 200.
 *
 * @returns an error as `errorFromAnswer` does; `details.graphqlTypes` are GitHub's classes of the errors
 */
export function errorFromGraphql(
  errors: readonly GraphqlError[],
  answer: GitHubResponse,
  facts: RequestFacts,
): GitHubSdkError {
  const text = errors.map((error) => `${error.type} ${error.message}`.trim()).join("; ");
  const details = { graphqlTypes: errors.map((error) => error.type) };
  return toError(graphqlMeaningOf(errors, facts, text), answer, facts, text, details);
}

/**
 * What a refusal means that a git server tells in words, with status 200.
 *
 * @returns an error as `errorFromAnswer` does
 */
export function errorFromPush(text: string, touchesWorkflows: boolean): GitHubSdkError {
  const facts = { method: "POST", route: "/{owner}/{repo}.git/git-receive-pack", touchesWorkflows };
  return errorFromAnswer({ status: 200, headers: {}, data: text }, facts);
}

/** A limit that lasts longer than the SDK waits. */
export function rateLimitedError(waitMs: number): GitHubSdkError {
  const retryAfter = Math.max(1, Math.ceil(waitMs / 1000));
  return new GitHubSdkError("rate_limited", `GitHub's rate limit is used up. Try again in ${retryAfter} seconds.`, {
    details: { retryAfter },
  });
}

/** Returns the error for a request that GitHub did not respond to in time. */
export function timeoutError(): GitHubSdkError {
  return new GitHubSdkError("github_timeout", "GitHub did not respond in time. Try again.");
}

/** No answer, or one that cannot be read. */
export function unavailableError(cause: unknown): GitHubSdkError {
  return new GitHubSdkError(MEANINGS.unavailable.code, MEANINGS.unavailable.message, { cause });
}

function meaningOf(answer: GitHubResponse, facts: RequestFacts, text: string): Meaning {
  const { status } = answer;
  if (status >= 500) return MEANINGS.unavailable;
  if (status === 401) return MEANINGS.reauth;
  if (status === 413) return MEANINGS.tooLarge;
  if (status === 404) return notFoundMeaning(facts);
  if (hasSecretMetadata(answer.data)) return MEANINGS.secret;
  if (status === 403 && answer.headers["x-github-sso"] !== undefined) return MEANINGS.sso;
  const words = WORDS.find(([pattern]) => pattern.test(text))?.[1];
  if (words !== undefined) return words;
  if (status === 403) return forbiddenMeaning(answer, facts);
  // What is left of 409 is two writes at the same time.
  if (status === 409) return MEANINGS.moved;
  return MEANINGS.rejected;
}

function notFoundMeaning(facts: RequestFacts): Meaning {
  if (isWrite(facts) && facts.touchesWorkflows) return MEANINGS.workflow;
  return /\/(?:repos|repositories)\/|\.git\//.test(facts.route) ? MEANINGS.repository : MEANINGS.rejected;
}

function forbiddenMeaning(answer: GitHubResponse, facts: RequestFacts): Meaning {
  const needed = answer.headers["x-accepted-github-permissions"];
  if (!isWrite(facts) || !facts.touchesWorkflows) return MEANINGS.permission;
  return needed === undefined || needed.includes("workflows") ? MEANINGS.workflow : MEANINGS.permission;
}

function graphqlMeaningOf(errors: readonly GraphqlError[], facts: RequestFacts, text: string): Meaning {
  const types = new Set(errors.map((error) => error.type));
  if (errors.some((error) => error.type.startsWith("STALE_"))) return MEANINGS.moved;
  // A mutation that ran out of time may have been carried out.
  if (/may be the result of a timeout|something went wrong while executing/i.test(text)) return MEANINGS.timeout;
  const words = WORDS.find(([pattern]) => pattern.test(text))?.[1];
  if (words !== undefined) return words;
  if (types.has("FORBIDDEN") || types.has("INSUFFICIENT_SCOPES")) {
    return facts.touchesWorkflows ? MEANINGS.workflow : MEANINGS.permission;
  }
  if (types.has("NOT_FOUND")) return facts.touchesWorkflows ? MEANINGS.workflow : MEANINGS.repository;
  return MEANINGS.rejected;
}

function toError(
  meaning: Meaning,
  answer: GitHubResponse,
  facts: RequestFacts,
  text: string,
  more: Readonly<Record<string, unknown>>,
): GitHubSdkError {
  const { headers, status } = answer;
  return new GitHubSdkError(meaning.code, meaning.message, {
    cause: new Error(`GitHub answered ${status} to ${facts.method} ${facts.route}: ${text.slice(0, 2000)}`),
    details: {
      githubStatus: status,
      ...detail("requestId", headers["x-github-request-id"]),
      ...detail("sso", headers["x-github-sso"]),
      ...(meaning.code === "insufficient_permissions" || meaning.code === "workflow_permission_missing"
        ? detail("acceptedPermissions", headers["x-accepted-github-permissions"])
        : {}),
      ...more,
    },
  });
}

function detail(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function isWrite(facts: RequestFacts): boolean {
  return facts.method !== "GET" && facts.method !== "HEAD";
}

function hasSecretMetadata(data: unknown): boolean {
  if (typeof data !== "object" || data === null || !("metadata" in data)) return false;
  const { metadata } = data;
  return typeof metadata === "object" && metadata !== null && "secret_scanning" in metadata;
}
