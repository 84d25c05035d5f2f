import type { RepositoryName } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";

// Wider than the rule for new accounts: old accounts have names that GitHub rejects today.
const OWNER = /^[A-Za-z0-9_-]{1,100}$/;
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * Parses `owner/name`.
 *
 * @throws GitHubSdkError `invalid_repository_name` with the reason
 */
export function parseRepositoryName(fullName: string): RepositoryName {
  const [owner, name, ...rest] = fullName.split("/");
  if (owner === undefined || name === undefined || owner === "" || name === "" || rest.length > 0) {
    throw invalid(fullName, "write it as owner/name, for example octocat/hello-world");
  }
  if (!OWNER.test(owner)) throw invalid(fullName, `"${owner}" cannot be the name of a GitHub account`);
  if (name === "." || name === "..") throw invalid(fullName, `"${name}" cannot be the name of a repository`);
  if (!NAME.test(name)) {
    throw invalid(fullName, "the name of a repository has up to 100 letters, digits, dots, dashes and underscores");
  }
  if (name.toLowerCase().endsWith(".git")) throw invalid(fullName, "leave out the .git at the end");
  return { owner, name };
}

/**
 * Returns `owner/name` as the parameters of a REST route.
 *
 * @throws GitHubSdkError `invalid_repository_name`
 */
export function repositoryParameters(fullName: string): { readonly owner: string; readonly repo: string } {
  const { owner, name } = parseRepositoryName(fullName);
  return { owner, repo: name };
}

function invalid(fullName: string, hint: string): GitHubSdkError {
  return new GitHubSdkError("invalid_repository_name", `Invalid repository name: ${hint}.`, {
    details: { repository: fullName },
  });
}
