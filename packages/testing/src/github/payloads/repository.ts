import type { Credential } from "../accounts/credential.js";
import type { Role } from "../accounts/role.js";
import { isoTime } from "../git/commit.js";
import type { Addresses } from "../http/addresses.js";
import { nodeId } from "../ids.js";
import { effectiveRole } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { simpleUser } from "./account.js";

/** The caller and the addresses of links. */
interface View {
  addresses: Addresses;
  credential: Credential | undefined;
}

/** URL templates of a repository by member name, relative to the repository's REST URL. */
const LINKS: Record<string, string> = {
  forks_url: "/forks",
  keys_url: "/keys{/key_id}",
  collaborators_url: "/collaborators{/collaborator}",
  teams_url: "/teams",
  hooks_url: "/hooks",
  issue_events_url: "/issues/events{/number}",
  events_url: "/events",
  assignees_url: "/assignees{/user}",
  branches_url: "/branches{/branch}",
  tags_url: "/tags",
  blobs_url: "/git/blobs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  git_refs_url: "/git/refs{/sha}",
  trees_url: "/git/trees{/sha}",
  statuses_url: "/statuses/{sha}",
  languages_url: "/languages",
  stargazers_url: "/stargazers",
  contributors_url: "/contributors",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  commits_url: "/commits{/sha}",
  git_commits_url: "/git/commits{/sha}",
  comments_url: "/comments{/number}",
  issue_comment_url: "/issues/comments{/number}",
  contents_url: "/contents/{+path}",
  compare_url: "/compare/{base}...{head}",
  merges_url: "/merges",
  archive_url: "/{archive_format}{/ref}",
  downloads_url: "/downloads",
  issues_url: "/issues{/number}",
  pulls_url: "/pulls{/number}",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  labels_url: "/labels{/name}",
  releases_url: "/releases{/id}",
  deployments_url: "/deployments",
};

/** The security features of a repository, which GitHub shows to administrators. */
const SECURITY_FEATURES = Object.fromEntries(
  ["secret_scanning", "secret_scanning_push_protection", "dependabot_security_updates"].map((name) => [
    name,
    { status: "disabled" },
  ]),
);

/** Returns the REST URL of a repository. */
export function repositoryUrl(repository: BoxRepository, call: Pick<View, "addresses">): string {
  return `${call.addresses.api}/repos/${repository.fullName}`;
}

/** Returns the caller's permissions on a repository. */
function permissionsOf(repository: BoxRepository, call: Pick<View, "credential">): Record<string, boolean> {
  return permissionsOfRole(effectiveRole(call.credential, repository));
}

/** Returns the `permissions` of a role. */
export function permissionsOfRole(role: Role): Record<string, boolean> {
  const isAdmin = role === "admin";
  const mayPush = isAdmin || role === "write";
  return { admin: isAdmin, maintain: isAdmin, push: mayPush, triage: mayPush, pull: true };
}

/** Returns a repository as in lists. */
export function repositoryPayload(repository: BoxRepository, call: View): Record<string, unknown> {
  const url = repositoryUrl(repository, call);
  const html = `${call.addresses.html}/${repository.fullName}`;
  const host = new URL(call.addresses.html).host;
  const links = Object.entries(LINKS).map(([name, path]) => [name, url + path]);
  return {
    id: repository.id,
    node_id: nodeId("Repository", repository.id),
    name: repository.name,
    full_name: repository.fullName,
    private: repository.private,
    owner: simpleUser(repository.owner, call.addresses),
    html_url: html,
    description: repository.description,
    fork: false,
    url,
    ...Object.fromEntries(links),
    created_at: isoTime(Math.floor(repository.createdAt / 1000)),
    updated_at: isoTime(Math.floor(repository.pushedAt / 1000)),
    pushed_at: isoTime(Math.floor(repository.pushedAt / 1000)),
    git_url: `git://${host}/${repository.fullName}.git`,
    ssh_url: `git@${host}:${repository.fullName}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    homepage: repository.homepage,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    has_pull_requests: true,
    pull_request_creation_policy: "all",
    forks_count: 0,
    mirror_url: null,
    archived: repository.archived,
    disabled: false,
    open_issues_count: openPulls(repository),
    license: licensePayload(repository, call),
    allow_forking: true,
    is_template: repository.isTemplate,
    web_commit_signoff_required: false,
    topics: [...repository.topics],
    visibility: repository.visibility,
    forks: 0,
    open_issues: openPulls(repository),
    watchers: 0,
    default_branch: repository.defaultBranch,
    permissions: permissionsOf(repository, call),
  };
}

/** Returns a repository with all members. */
export function fullRepositoryPayload(repository: BoxRepository, call: View): Record<string, unknown> {
  return {
    ...repositoryPayload(repository, call),
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    use_squash_pr_title_as_default: false,
    squash_merge_commit_title: "COMMIT_OR_PR_TITLE",
    squash_merge_commit_message: "COMMIT_MESSAGES",
    merge_commit_title: "MERGE_MESSAGE",
    merge_commit_message: "PR_TITLE",
    temp_clone_token: "",
    custom_properties: {},
    ...(effectiveRole(call.credential, repository) === "admin" ? { security_and_analysis: SECURITY_FEATURES } : {}),
    ...(repository.owner.type === "Organization" ? { organization: simpleUser(repository.owner, call.addresses) } : {}),
    ...(repository.template === null ? {} : { template_repository: repositoryPayload(repository.template, call) }),
    network_count: 0,
    subscribers_count: 0,
  };
}

function licensePayload({ license }: BoxRepository, { addresses }: View): Record<string, unknown> | null {
  if (license === null) return null;
  const { key, name, spdxId } = license;
  return { key, name, spdx_id: spdxId, url: `${addresses.api}/licenses/${key}`, node_id: nodeId("License", key) };
}

function openPulls(repository: BoxRepository): number {
  return repository.pulls.filter(({ state }) => state === "open").length;
}
