import { isoTime } from "../git/commit.js";
import type { RepositoryCall } from "../http/route.js";
import { nodeId } from "../ids.js";
import type { PullRequest } from "../repositories/pull-request.js";
import { simpleUser } from "./account.js";
import { changedFiles } from "./changed-files.js";
import { labelPayload } from "./label.js";
import { repositoryPayload, repositoryUrl } from "./repository.js";

/** Returns a pull request as in lists. */
export function pullSummaryPayload(call: RepositoryCall, pull: PullRequest): Record<string, unknown> {
  const { repository } = call;
  const api = repositoryUrl(repository, call);
  const url = `${api}/pulls/${pull.number}`;
  const html = `${call.addresses.html}/${repository.fullName}/pull/${pull.number}`;
  const head = repository.refs.seen(`refs/heads/${pull.head}`) ?? pull.headOid;
  const links = {
    comments: `${api}/issues/${pull.number}/comments`,
    commits: `${url}/commits`,
    issue: `${api}/issues/${pull.number}`,
    review_comment: `${api}/pulls/comments{/number}`,
    review_comments: `${url}/comments`,
    statuses: `${api}/statuses/${head}`,
  };
  const created = isoTime(Math.floor(pull.createdAt / 1000));
  return {
    url,
    id: pull.id,
    node_id: nodeId("PullRequest", pull.id),
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: links.issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: simpleUser(pull.user, call.addresses),
    body: pull.body,
    created_at: created,
    updated_at: created,
    closed_at: null,
    merged_at: null,
    merge_commit_sha: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [...pull.requestedReviewers].map((user) => simpleUser(user, call.addresses)),
    requested_teams: [],
    labels: [...pull.labels].map((label) => labelPayload(call, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: links.statuses,
    head: sidePayload(call, pull.head, head),
    base: sidePayload(call, pull.base, pull.baseOid),
    _links: {
      self: { href: url },
      html: { href: html },
      ...Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    },
    author_association: "OWNER",
    auto_merge: null,
  };
}

/** Returns a pull request with all members. */
export async function pullPayload(call: RepositoryCall, pull: PullRequest): Promise<Record<string, unknown>> {
  const { repository } = call;
  const base = repository.refs.seen(`refs/heads/${pull.base}`) ?? pull.baseOid;
  const head = repository.refs.seen(`refs/heads/${pull.head}`) ?? pull.headOid;
  const { ahead, mergeBase } = await repository.history.compare(base, head);
  const tree = (await repository.treeOf(head)) ?? "";
  const files = await changedFiles(call, await repository.treeOf(mergeBase), tree, head);
  return {
    ...pullSummaryPayload(call, pull),
    merged: pull.merged === true,
    mergeable: null,
    rebaseable: null,
    mergeable_state: "unknown",
    merged_by: null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: ahead.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
}

function sidePayload(call: RepositoryCall, ref: string, sha: string): Record<string, unknown> {
  const { repository, addresses } = call;
  const owner = repository.owner;
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: simpleUser(owner, addresses),
    repo: repositoryPayload(repository, call),
  };
}
