import { GitHubSdkError } from "../errors.js";

/** The reason why a name is not valid for a branch. */
export interface BranchNameProblem {
  readonly name: string;
  readonly message: string;
}

/** The limit of GitHub for a new branch, in bytes of UTF-8: a ref has at most 255, including `refs/heads/`. */
const MAX_BRANCH_NAME_BYTES = 244;

interface Rule {
  readonly breaks: RegExp;
  readonly message: string;
}

const GIT_RULES: readonly Rule[] = [
  { breaks: /^$/, message: "A branch name cannot be empty." },
  { breaks: /^HEAD$/, message: "A branch cannot be called HEAD." },
  { breaks: /^-/, message: "A branch name cannot begin with a dash." },
  { breaks: /^\/|\/$|\/\//, message: "A branch name cannot begin or end with a slash, or contain two in a row." },
  { breaks: /^\.|\/\./, message: "No part of a branch name can begin with a dot." },
  { breaks: /\.$/, message: "A branch name cannot end with a dot." },
  { breaks: /\.lock(?:\/|$)/, message: "No part of a branch name can end with `.lock`." },
  { breaks: /\.\./, message: "A branch name cannot contain two dots in a row." },
  { breaks: /@\{/, message: "A branch name cannot contain `@{`." },
  {
    breaks: /[\0-\x20\x7f~^:?*[\\]/,
    message: "A branch name cannot contain spaces, control characters or ~ ^ : ? * [ \\.",
  },
  { breaks: /\p{Surrogate}/u, message: "The branch name has half of a surrogate pair, which UTF-8 cannot represent." },
];

const GITHUB_RULES: readonly Rule[] = [
  { breaks: /^refs\//, message: "GitHub does not accept a new branch whose name begins with `refs/`." },
  { breaks: /^[0-9a-f]{40}$/i, message: "GitHub does not accept a branch whose name looks like a commit id." },
];

/**
 * Checks a branch name by git's rules, those of `git check-ref-format --branch` outside of a repository (`@{-1}` is an invalid
 * name there). Returns `null` for a valid name.
 *
 * @param name Without `refs/heads/`.
 * @see https://git-scm.com/docs/git-check-ref-format
 */
export function checkBranchName(name: string): BranchNameProblem | null {
  return firstProblem(GIT_RULES, name);
}

/**
 * Checks the name of a new branch by git's rules and GitHub's additional ones. Returns `null` for a valid name.
 *
 * @see https://docs.github.com/en/get-started/using-git/dealing-with-special-characters-in-branch-and-tag-names
 */
export function checkNewBranchName(name: string): BranchNameProblem | null {
  const problem = checkBranchName(name) ?? firstProblem(GITHUB_RULES, name);
  if (problem !== null || Buffer.byteLength(name) <= MAX_BRANCH_NAME_BYTES) return problem;
  return { name, message: `GitHub does not accept a branch name longer than ${MAX_BRANCH_NAME_BYTES} bytes.` };
}

/**
 * Checks a branch name by git's rules.
 *
 * @throws GitHubSdkError `invalid_branch`, with the name in its details.
 */
export function assertBranchName(name: string): void {
  refuse(checkBranchName(name));
}

/**
 * Checks the name of a new branch by the rules of git and GitHub.
 *
 * @throws GitHubSdkError `invalid_branch`, with the name in its details.
 */
export function assertNewBranchName(name: string): void {
  refuse(checkNewBranchName(name));
}

function firstProblem(rules: readonly Rule[], name: string): BranchNameProblem | null {
  const broken = rules.find((rule) => rule.breaks.test(name));
  return broken === undefined ? null : { name, message: broken.message };
}

function refuse(problem: BranchNameProblem | null): void {
  if (problem === null) return;
  throw new GitHubSdkError("invalid_branch", problem.message, { details: { name: problem.name } });
}
