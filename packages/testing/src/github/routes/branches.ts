import { ApiError } from "../http/api-error.js";
import { paginate } from "../http/paging.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { changedFiles } from "../payloads/changed-files.js";
import { commitPayload } from "../payloads/commit.js";
import { repositoryUrl } from "../payloads/repository.js";
import type { ClassicProtection } from "../repositories/rules.js";
import { param, repositoryRoute } from "./repository-route.js";

const read = { permission: "contents", level: "read" } as const;

/**
 * Routes for branches, their classic protection and their rules.
 *
 * @see https://docs.github.com/rest/branches
 */
export const branchRoutes: readonly RepositoryRoute[] = [
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/branches",
    docs: "branches/branches#list-branches",
    need: read,
    repositoryHandler: listBranches,
  }),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/branches/{branch}/protection",
    docs: "branches/branch-protection#get-branch-protection",
    need: { permission: "administration", level: "read" },
    repositoryHandler: getProtection,
  }),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/branches/{branch}",
    docs: "branches/branches#get-a-branch",
    need: read,
    repositoryHandler: getBranch,
  }),
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/rules/branches/{branch}",
    docs: "repos/rules#get-rules-for-a-branch",
    need: { permission: "metadata", level: "read" },
    repositoryHandler: getRules,
  }),
];

function listBranches(call: RepositoryCall): RestResponse {
  const { repository } = call;
  const wanted = call.query.get("protected");
  const branches = repository.refs
    .listSeen("refs/heads/")
    .map(({ name, oid }) => branchSummary(call, name.slice("refs/heads/".length), oid))
    .filter((branch) => wanted === null || String(branch.protected) === wanted);
  const { items, headers } = paginate(call, `/repositories/${repository.id}/branches`, branches);
  return { status: 200, body: items, headers };
}

function branchSummary(call: RepositoryCall, name: string, oid: string): Record<string, unknown> {
  const { repository } = call;
  const url = repositoryUrl(repository, call);
  const rules = repository.rules.get(name) ?? [];
  const protection = repository.protections.get(name);
  return {
    name,
    commit: { sha: oid, url: `${url}/commits/${oid}` },
    protected: repository.protections.has(name) || rules.length > 0,
    ...(protection === undefined ? {} : protectionSummary(`${url}/branches/${name}`, protection)),
  };
}

/** Returns the members of a branch about its classic protection. */
function protectionSummary(branchUrl: string, protection: ClassicProtection | undefined): Record<string, unknown> {
  const checks = protection?.requiredStatusChecks;
  return {
    protection: {
      enabled: protection !== undefined,
      required_status_checks: {
        enforcement_level: checks === undefined ? "off" : "everyone",
        contexts: checks ?? [],
        checks: [],
      },
    },
    protection_url: `${branchUrl}/protection`,
  };
}

async function getBranch(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  const name = param(call, "branch");
  const oid = repository.refs.seen(`refs/heads/${name}`);
  const commit = oid === undefined ? undefined : await repository.history.commit(oid);
  if (commit === undefined) throw new ApiError(404, "Branch not found");
  const [parent] = commit.parents;
  const files = await changedFiles(call, await repository.treeOf(parent), commit.tree, commit.oid);
  const html = `${call.addresses.html}/${repository.fullName}/tree/${name}`;
  const url = `${repositoryUrl(repository, call)}/branches/${name}`;
  return {
    status: 200,
    body: {
      ...branchSummary(call, name, commit.oid),
      commit: { ...commitPayload(call, commit), files },
      _links: { self: url, html },
      ...protectionSummary(url, repository.protections.get(name)),
    },
  };
}

function getProtection(call: RepositoryCall): RestResponse {
  const name = param(call, "branch");
  const { repository } = call;
  if (repository.refs.seen(`refs/heads/${name}`) === undefined) throw new ApiError(404, "Branch not found");
  const protection = repository.protections.get(name);
  if (protection === undefined) throw new ApiError(404, "Branch not protected");
  const url = `${repositoryUrl(repository, call)}/branches/${name}/protection`;
  return { status: 200, body: protectionPayload(url, protection) };
}

function protectionPayload(url: string, protection: ClassicProtection): Record<string, unknown> {
  const checks = protection.requiredStatusChecks;
  const checksUrl = `${url}/required_status_checks`;
  return {
    url,
    ...(checks === undefined
      ? {}
      : {
          required_status_checks: {
            url: checksUrl,
            strict: false,
            contexts: checks,
            contexts_url: `${checksUrl}/contexts`,
            checks: checks.map((context) => ({ context, app_id: null })),
          },
        }),
    ...(protection.requiredPullRequestReviews === true
      ? {
          required_pull_request_reviews: {
            url: `${url}/required_pull_request_reviews`,
            dismiss_stale_reviews: false,
            require_code_owner_reviews: false,
            require_last_push_approval: false,
            required_approving_review_count: 1,
          },
        }
      : {}),
    required_signatures: { url: `${url}/required_signatures`, enabled: protection.requiredSignatures === true },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: protection.enforceAdmins !== false },
    required_linear_history: { enabled: protection.requiredLinearHistory === true },
    allow_force_pushes: { enabled: protection.allowForcePushes === true },
    allow_deletions: { enabled: protection.allowDeletions === true },
    block_creations: { enabled: false },
    required_conversation_resolution: { enabled: false },
    lock_branch: { enabled: protection.lockBranch === true },
    allow_fork_syncing: { enabled: false },
  };
}

/** Lists all active rules of rulesets. The branch does not have to exist. */
function getRules(call: RepositoryCall): RestResponse {
  const { repository } = call;
  const name = param(call, "branch");
  const rules = (repository.rules.get(name) ?? []).map(({ type, parameters }) => ({
    type,
    ...parametersOf(type, parameters),
    ruleset_source_type: "Repository",
    ruleset_source: repository.fullName,
    ruleset_id: repository.id,
  }));
  const { items, headers } = paginate(call, `/repositories/${repository.id}/rules/branches/${name}`, rules);
  return { status: 200, body: items, headers };
}

/** The default parameters of rules, which GitHub always includes. */
const DEFAULT_PARAMETERS: Record<string, Record<string, unknown>> = {
  pull_request: {
    required_approving_review_count: 0,
    dismiss_stale_reviews_on_push: false,
    require_code_owner_review: false,
    require_last_push_approval: false,
    required_review_thread_resolution: false,
    allowed_merge_methods: ["merge", "squash", "rebase"],
  },
  update: { update_allows_fetch_and_merge: false },
};

function parametersOf(type: string, given: Record<string, unknown> | undefined): Record<string, unknown> {
  const defaults = DEFAULT_PARAMETERS[type];
  return defaults === undefined && given === undefined ? {} : { parameters: { ...defaults, ...given } };
}
