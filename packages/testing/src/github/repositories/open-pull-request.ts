import type { Account } from "../accounts/account.js";
import type { Platform } from "../platform.js";
import type { PullRequest } from "./pull-request.js";
import type { BoxRepository } from "./repository.js";

/** The fields of a new pull request. */
export interface NewPullRequest {
  title: string;
  body: string | null;
  /** Branch, or `owner:branch`. */
  head: string;
  base: string;
  draft: boolean;
}

/** A pull request that GitHub does not open, with the entry of `errors` in its response. */
export class PullRequestRefusedError extends Error {
  override readonly name = "PullRequestRefusedError";
  /** The entry's members; `message` is there only for the code `custom`. */
  readonly entry: { resource: string; code: string; field: string; message?: string };

  constructor(field: "head" | "base", message?: string) {
    super(message ?? `${field} invalid`);
    const code = message === undefined ? "invalid" : "custom";
    this.entry = { resource: "PullRequest", field, code, ...(message === undefined ? {} : { message }) };
  }
}

/**
 * Opens a pull request.
 *
 * @throws PullRequestRefusedError when a branch is missing, a pull request is open for the branches, or `head` has no new commit
 */
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
  if (headOid === undefined) throw new PullRequestRefusedError("head");
  if (baseOid === undefined) throw new PullRequestRefusedError("base");
  const isOpen = repository.pulls.some((pull) => pull.state === "open" && pull.head === head && pull.base === base);
  if (isOpen) {
    const message = `A pull request already exists for ${repository.owner.login}:${head}.`;
    throw new PullRequestRefusedError("base", message);
  }
  const { ahead } = await repository.history.compare(baseOid, headOid);
  if (ahead.length === 0) throw new PullRequestRefusedError("base", `No commits between ${base} and ${head}`);
  const pull: PullRequest = {
    id: platform.nextId(),
    number: repository.pulls.length + 1,
    title: wanted.title,
    body: wanted.body,
    draft: wanted.draft,
    labels: new Set(),
    requestedReviewers: new Set(),
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
