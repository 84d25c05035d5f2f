import type { CommitWithId } from "../git/history.js";
import { ApiError, emptyRepository, notFound } from "../http/api-error.js";
import { paginate } from "../http/paging.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { changedFiles } from "../payloads/changed-files.js";
import { commitPayload } from "../payloads/commit.js";
import { repositoryUrl } from "../payloads/repository.js";
import type { BoxRepository } from "../repositories/repository.js";
import { resolveCommit } from "../repositories/resolve-ref.js";
import { param, repositoryRoute } from "./repository-route.js";

const read = { permission: "contents", level: "read" } as const;

/** Maximum number of commits in a comparison without paging parameters. */
const MAX_UNPAGED_COMMITS = 250;

/** Maximum number of files on a page of a commit, and in a comparison. */
const MAX_FILES_PER_PAGE = 300;

/** Maximum number of files on all pages of a commit. */
const MAX_FILES_OF_COMMIT = 3000;

/**
 * Routes for commits and comparisons.
 *
 * @see https://docs.github.com/rest/commits/commits
 */
export const commitRoutes: readonly RepositoryRoute[] = [
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/commits",
    docs: "commits/commits#list-commits",
    need: read,
    repositoryHandler: listCommits,
  }),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/commits/{ref}",
    docs: "commits/commits#get-a-commit",
    need: read,
    repositoryHandler: getCommit,
  }),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/compare/{basehead}",
    docs: "commits/commits#compare-two-commits",
    need: read,
    repositoryHandler: compare,
  }),
];

async function listCommits(call: RepositoryCall): Promise<RestResponse> {
  const { repository, query } = call;
  if (repository.isEmpty) throw emptyRepository();
  const head = await commitOr404(repository, query.get("sha") ?? repository.defaultBranch);
  const path = query.get("path");
  const since = Date.parse(query.get("since") ?? "");
  const until = Date.parse(query.get("until") ?? "");
  const kept: CommitWithId[] = [];
  for (const commit of await repository.history.log(head.oid)) {
    const time = commit.committer.seconds * 1000;
    if (time < since || time > until) continue;
    if (path !== null && !(await touches(repository, commit, path))) continue;
    kept.push(commit);
  }
  const { items, headers } = paginate(call, `/repositories/${repository.id}/commits`, kept);
  return { status: 200, body: items.map((commit) => commitPayload(call, commit)), headers };
}

async function commitOr404(repository: BoxRepository, name: string): Promise<CommitWithId> {
  const commit = await resolveCommit(repository, name);
  if (commit === undefined) throw notFound();
  return commit;
}

async function touches(repository: BoxRepository, commit: CommitWithId, path: string): Promise<boolean> {
  const [parent] = commit.parents;
  const now = await repository.entryAt(commit.oid, path);
  const before = parent === undefined ? undefined : await repository.entryAt(parent, path);
  return now?.oid !== before?.oid;
}

async function getCommit(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  if (repository.isEmpty) throw emptyRepository();
  const name = param(call, "ref");
  const commit = await resolveCommit(repository, name);
  if (commit === undefined) throw new ApiError(422, `No commit found for SHA: ${name}`);
  const lastModified = commit.committer.seconds;
  if (/application\/vnd\.github(\.v3)?\.sha\b/.test(call.headers.get("accept") ?? "")) {
    const contentType = "application/vnd.github.sha; charset=utf-8";
    return { status: 200, raw: { bytes: Buffer.from(commit.oid), contentType }, etag: commit.oid, lastModified };
  }
  const [parent] = commit.parents;
  const files = await changedFiles(call, await repository.treeOf(parent), commit.tree, commit.oid);
  const path = `/repositories/${repository.id}/commits/${commit.oid}`;
  const { items, headers } = paginate(call, path, files.slice(0, MAX_FILES_OF_COMMIT), MAX_FILES_PER_PAGE);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  const stats = { total: additions + deletions, additions, deletions };
  return {
    status: 200,
    body: { ...commitPayload(call, commit), stats, files: items },
    headers,
    lastModified,
  };
}

async function compare(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  const basehead = param(call, "basehead");
  const dots = basehead.indexOf("...");
  const base = await commitOr404(repository, localName(repository, basehead.slice(0, dots)));
  const head = await commitOr404(repository, localName(repository, basehead.slice(dots + 3)));
  const { ahead, behind, mergeBase } = await repository.history.compare(base.oid, head.oid);
  if (dots === -1 || mergeBase === undefined) {
    throw new ApiError(404, `No common ancestor between ${base.oid} and ${head.oid}.`);
  }
  const merge = await commitOr404(repository, mergeBase);
  const { items, headers, page } = comparisonPage(call, `${base.oid}...${head.oid}`, ahead);
  const files = page === 1 ? await changedFiles(call, merge.tree, head.tree, head.oid) : undefined;
  const url = `${repositoryUrl(repository, call)}/compare/${basehead}`;
  const html = `${call.addresses.html}/${repository.fullName}/compare`;
  const owner = repository.owner.login;
  return {
    status: 200,
    headers,
    lastModified: head.committer.seconds,
    body: {
      url,
      html_url: `${html}/${basehead}`,
      permalink_url: `${html}/${owner}:${base.oid.slice(0, 7)}...${owner}:${head.oid.slice(0, 7)}`,
      diff_url: `${html}/${basehead}.diff`,
      patch_url: `${html}/${basehead}.patch`,
      base_commit: commitPayload(call, base),
      merge_base_commit: commitPayload(call, merge),
      status: statusOf(ahead.length, behind),
      ahead_by: ahead.length,
      behind_by: behind,
      total_commits: ahead.length,
      commits: items.map((commit) => commitPayload(call, commit)),
      ...(files === undefined ? {} : { files: files.slice(0, MAX_FILES_PER_PAGE) }),
    },
  };
}

/**
 * Returns a page of the commits of a comparison. Without paging parameters, GitHub returns the last 250 commits and no `Link`.
 * Only the first page includes files.
 */
function comparisonPage(
  call: RepositoryCall,
  basehead: string,
  commits: readonly CommitWithId[],
): { items: CommitWithId[]; headers: Record<string, string>; page: number } {
  if (!call.query.has("page") && !call.query.has("per_page")) {
    return { items: commits.slice(-MAX_UNPAGED_COMMITS), headers: {}, page: 1 };
  }
  return paginate(call, `/repositories/${call.repository.id}/compare/${basehead}`, commits);
}

/** Removes the owner from `owner:branch`. The box has no forks, so another owner's branch does not exist. */
function localName(repository: BoxRepository, name: string): string {
  const [owner, branch] = name.split(":");
  return branch !== undefined && owner?.toLowerCase() === repository.owner.login.toLowerCase() ? branch : name;
}

function statusOf(ahead: number, behind: number): string {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
}
