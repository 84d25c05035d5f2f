import { GitHubSdkError } from "../errors.js";

/** Why a name cannot be a branch's, in words for the person who chose it. */
export interface BranchNameProblem {
  readonly name: string;
  readonly message: string;
}

/** Bytes in UTF-8 that a new branch's name may have on GitHub: refs end at 255, and `refs/heads/` is a part of them. */
const MAX_BRANCH_NAME_BYTES = 244;

interface Rule {
  readonly breaks: RegExp;
  readonly message: string;
}

const GIT_RULES: readonly Rule[] = [
  { breaks: /^$/, message: "A branch name cannot be empty." },
  { breaks: /^HEAD$/, message: "A branch cannot be called HEAD." },
  { breaks: /^-/, message: "A branch name cannot begin with a dash." },
  { breaks: /^\/|\/$|\/\//, message: "A branch name cannot begin or end with a slash, or have two in a row." },
  { breaks: /^\.|\/\./, message: "No part of a branch name can begin with a dot." },
  { breaks: /\.$/, message: "A branch name cannot end with a dot." },
  { breaks: /\.lock(?:\/|$)/, message: "No part of a branch name can end with `.lock`." },
  { breaks: /\.\./, message: "A branch name cannot have two dots in a row." },
  { breaks: /@\{/, message: "A branch name cannot have `@{`." },
  {
    breaks: /[\0-\x20\x7f~^:?*[\\]/,
    message: "A branch name cannot have spaces, control characters or ~ ^ : ? * [ \\.",
  },
  { breaks: /\p{Surrogate}/u, message: "The branch name has half of a surrogate pair, which UTF-8 cannot write." },
];

const GITHUB_RULES: readonly Rule[] = [
  { breaks: /^refs\//, message: "GitHub takes no new branch whose name begins with `refs/`." },
  { breaks: /^[0-9a-f]{40}$/i, message: "GitHub takes no branch whose name looks like the id of a commit." },
];

/**
 * What is wrong with a branch name; `null` when nothing is. The rules are git's own, those of
 * `git check-ref-format --branch` outside of a repository: `@{-1}` is no branch but a name, and a wrong one.
 *
 * @param name Without `refs/heads/`.
 * @see https://git-scm.com/docs/git-check-ref-format
 */
export function checkBranchName(name: string): BranchNameProblem | null {
  return firstProblem(GIT_RULES, name);
}

/**
 * What is wrong with the name of a branch that is yet to be made: git's rules, and those that GitHub adds for new ones.
 *
 * @see https://docs.github.com/en/get-started/using-git/dealing-with-special-characters-in-branch-and-tag-names
 */
export function checkNewBranchName(name: string): BranchNameProblem | null {
  const problem = checkBranchName(name) ?? firstProblem(GITHUB_RULES, name);
  if (problem !== null || Buffer.byteLength(name) <= MAX_BRANCH_NAME_BYTES) return problem;
  return { name, message: `GitHub takes no branch name longer than ${MAX_BRANCH_NAME_BYTES} bytes.` };
}

/**
 * Refuses a name that no branch can have.
 *
 * @throws GitHubSdkError `invalid_branch`, with the name in its details.
 */
export function assertBranchName(name: string): void {
  refuse(checkBranchName(name));
}

/**
 * Refuses a name that no new branch can have on GitHub.
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
