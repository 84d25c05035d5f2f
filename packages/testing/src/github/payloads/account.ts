import type { Account } from "../accounts/account.js";
import type { Addresses } from "../http/addresses.js";
import { nodeId } from "../ids.js";

/** Returns an account as a member of other payloads ("simple user"). */
export function simpleUser(account: Account, { api, html }: Addresses): Record<string, unknown> {
  const url = `${api}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type === "Organization" ? "Organization" : "User", account.id),
    avatar_url: `https://avatars.githubusercontent.com/u/${account.id}?v=4`,
    gravatar_id: "",
    url,
    html_url: `${html}/${account.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: "public",
    site_admin: false,
  };
}

/** Returns the public profile of an account. */
export function publicUser(account: Account, addresses: Addresses, repositories: number): Record<string, unknown> {
  const { profile } = account;
  return {
    ...simpleUser(account, addresses),
    name: account.name,
    company: profile.company,
    blog: profile.blog,
    location: profile.location,
    email: profile.email,
    hireable: profile.hireable,
    bio: profile.bio,
    twitter_username: profile.twitterUsername,
    public_repos: repositories,
    public_gists: 0,
    followers: profile.followers,
    following: profile.following,
    created_at: profile.createdAt,
    updated_at: profile.createdAt,
  };
}

/** Returns the private members of a user's own profile, for tokens with the scope `user` or `read:user`. */
export function privateProfile(privateRepositories: number): Record<string, unknown> {
  return {
    private_gists: 0,
    total_private_repos: privateRepositories,
    owned_private_repos: privateRepositories,
    disk_usage: 0,
    collaborators: 0,
    two_factor_authentication: true,
    plan: { name: "free", space: 976_562_499, collaborators: 0, private_repos: 10_000 },
  };
}

/** Returns an organization as a member of other payloads. */
export function organizationSimple(organization: Account, { api }: Addresses): Record<string, unknown> {
  const url = `${api}/orgs/${organization.login}`;
  return {
    login: organization.login,
    id: organization.id,
    node_id: nodeId("Organization", organization.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${organization.id}?v=4`,
    description: organization.profile.bio ?? "",
  };
}
