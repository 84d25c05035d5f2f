import type { ErrorCode } from "../errors.js";

/** The code and message of an error. */
export interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The rules of a push ruleset, by the text with which GitHub reports them. */
export const PUSH_RULES: readonly (readonly [RegExp, string])[] = [
  [/file path (?:is )?restrict(?:ed|ion)/i, "file_path_restriction"],
  [/file extension (?:is )?restrict(?:ed|ion)/i, "file_extension_restriction"],
  [/file path (?:length )?(?:is )?(?:too long|exceeds)|max(?:imum)? file path length/i, "max_file_path_length"],
  [/file size (?:is )?(?:restricted|too large|exceeds)|max(?:imum)? file size rule/i, "max_file_size"],
];

/** The errors that responses of GitHub are mapped to. */
export const MEANINGS = {
  reauth: {
    code: "reauth_required",
    message: "GitHub no longer accepts the credential. Connect the GitHub account again.",
  },
  sso: {
    code: "insufficient_permissions",
    message: "The organization requires single sign-on. Authorize the credential for the organization on GitHub.",
  },
  permission: {
    code: "insufficient_permissions",
    message:
      "The credential does not have permission to do this on GitHub. Grant the missing permission, or use another account.",
  },
  archived: {
    code: "repository_archived",
    message: "The repository is archived and therefore read-only. Unarchive it on GitHub, or use another one.",
  },
  repository: {
    code: "repository_not_found",
    message: "The repository was not found: it does not exist, or the credential has no access to it.",
  },
  workflow: {
    code: "workflow_permission_missing",
    message:
      "Files below .github/workflows/ need an additional permission: the scope `workflow` of an OAuth token, or `Workflows: write` of a GitHub App.",
  },
  empty: { code: "repository_empty", message: "The repository is empty: it has no commit yet." },
  secret: {
    code: "secret_detected",
    message:
      "GitHub found a secret in the files and rejected the push. Remove the secret from the project and revoke it.",
  },
  signature: {
    code: "signature_required",
    message: "The rules of the branch require signed commits, and this commit is not signed.",
  },
  rules: {
    code: "branch_protected",
    message: "The rules of the branch do not allow this push. Use a pull request, or change the rules.",
  },
  pushRule: {
    code: "branch_protected",
    message:
      "A push rule of the repository rejected files of this sync. Rename or ignore the files, or change the rule.",
  },
  moved: {
    code: "branch_moved",
    message: "The branch was changed by another push in the meantime. Sync again.",
  },
  tooLarge: {
    code: "input_too_large",
    message: "GitHub rejected the request as too large.",
  },
  fileTooLarge: {
    code: "file_too_large",
    message: "GitHub accepts files of up to 100 MB, and one of these is larger. Ignore it, or use Git LFS.",
  },
  hook: {
    code: "branch_protected",
    message: "A hook of the GitHub server declined the push. The log has its message.",
  },
  tree: {
    code: "tree_mismatch",
    message: "The branch does not contain the expected objects. Sync again.",
  },
  path: { code: "invalid_path", message: "GitHub does not accept one of the paths." },
  timeout: { code: "github_timeout", message: "GitHub did not finish the request in time. Try again." },
  unavailable: {
    code: "github_unavailable",
    message: "GitHub is unreachable or having an incident. Try again later.",
  },
  rejected: { code: "github_rejected", message: "GitHub rejected the request. The log has the reason." },
} as const satisfies Record<string, Meaning>;

/** The text with which GitHub requires single sign-on. */
export const SAML = /protected by organization SAML|SAML enforcement/i;

/**
 * Meanings by GitHub's error text, for statuses with several meanings. The first match counts: a secret, for example, is
 * also reported as a rule violation. Texts may be long, so patterns must run in linear time. They may contain file names, so
 * a pattern is more than one word.
 */
export const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [/repository is empty/i, MEANINGS.empty],
  [/secret detected|push protection|push cannot contain secrets/i, MEANINGS.secret],
  [/to (?:create or )?update workflow /i, MEANINGS.workflow],
  ...PUSH_RULES.map(([pattern]) => [pattern, MEANINGS.pushRule] as const),
  [/verified signatures|must be signed|signed commits/i, MEANINGS.signature],
  [
    /rule violations? found|protected (?:branch|ref)|through (?:a pull request|the merge queue)|approving review|required status check|branch is locked/i,
    MEANINGS.rules,
  ],
  [/error: GH001|exceeds GitHub's file size limit/i, MEANINGS.fileTooLarge],
  [/request timed out|too large to process|input was too large|pack exceeds maximum allowed size/i, MEANINGS.tooLarge],
  [
    /not a fast.?forward|reference already exists|reference does not exist|expected branch to point to|is at [0-9a-f]+ but expected|"?sha"? wasn't supplied/i,
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
