import type { Account } from "../accounts/account.js";
import { ApiError, type FieldError } from "../http/api-error.js";
import type { Platform } from "../platform.js";
import type { PullRequest } from "./pull-request.js";
import type { BoxRepository } from "./repository.js";

/** What a pull request is opened with. */
export interface NewPullRequest {
  title: string;
  body: string | null;
  /** Branch, or `owner:branch`. */
  head: string;
  base: string;
  draft: boolean;
}

/** Opens a pull request; throws GitHub's 422 for a missing branch, an existing pull request, or nothing between them. */
export async function openPullRequest(
  platform: Platform,
  repository: BoxRepository,
  user: Account,
  wanted: NewPullRequest,
): Promise<PullRequest> {
  const owner = `${repository.owner.login}:`.toLowerCase();
  const head = wanted.head.toLowerCase().startsWith(owner) ? wanted.head.slice(owner.length) : wanted.head;
  const { base } = wanted;
  const headOid = repository.refs.read(`refs/heads/${head}`);
  const baseOid = repository.refs.read(`refs/heads/${base}`);
  if (headOid === undefined) throw invalid({ resource: "PullRequest", field: "head", code: "invalid" });
  if (baseOid === undefined) throw invalid({ resource: "PullRequest", field: "base", code: "invalid" });
  const isOpen = repository.pulls.some((pull) => pull.state === "open" && pull.head === head && pull.base === base);
  if (isOpen) throw custom(`A pull request already exists for ${repository.owner.login}:${head}.`);
  const { ahead } = await repository.history.compare(baseOid, headOid);
  if (ahead.length === 0) throw custom(`No commits between ${base} and ${head}`);
  const pull: PullRequest = {
    id: platform.nextId(),
    number: repository.pulls.length + 1,
    title: wanted.title,
    body: wanted.body,
    draft: wanted.draft,
    state: "open",
    user,
    head,
    base,
    baseOid,
    headOid,
    createdAt: platform.clock(),
  };
  repository.pulls.push(pull);
  return pull;
}

function custom(message: string): ApiError {
  return invalid({ resource: "PullRequest", field: "base", code: "custom", message });
}

function invalid(error: FieldError): ApiError {
  return new ApiError(422, "Validation Failed", { errors: [error] });
}
