/**
 * The scopes that a scope includes.
 *
 * @see https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
 */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  repo: ["public_repo", "repo:status", "repo_deployment", "repo:invite", "security_events"],
  workflow: [],
  delete_repo: [],
  user: ["read:user", "user:email", "user:follow"],
  gist: [],
  notifications: [],
  project: ["read:project"],
  codespace: [],
  "admin:org": ["write:org", "read:org"],
  "write:org": ["read:org"],
  "admin:repo_hook": ["write:repo_hook", "read:repo_hook"],
  "write:repo_hook": ["read:repo_hook"],
  "admin:org_hook": [],
  "admin:public_key": ["write:public_key", "read:public_key"],
  "write:public_key": ["read:public_key"],
  "admin:gpg_key": ["write:gpg_key", "read:gpg_key"],
  "write:gpg_key": ["read:gpg_key"],
  "write:packages": ["read:packages"],
  "delete:packages": [],
};

const KNOWN = new Set([...Object.keys(INCLUDED), ...Object.values(INCLUDED).flat()]);

/** Normalizes scopes as GitHub does: removes unknown and included scopes, and sorts. */
export function normalizeScopes(scopes: readonly string[]): string[] {
  const included = new Set(scopes.flatMap((scope) => INCLUDED[scope] ?? []));
  return [...new Set(scopes)].filter((scope) => KNOWN.has(scope) && !included.has(scope)).sort();
}

/** Parses the `scope` parameter of an authorization request, separated by spaces or commas. */
export function parseScopes(text: string): string[] {
  return text.split(/[\s,]+/).filter((scope) => scope !== "");
}

/** True when the granted scopes contain a scope, directly or within another scope. */
export function includesScope(granted: ReadonlySet<string>, wanted: string): boolean {
  return granted.has(wanted) || [...granted].some((scope) => INCLUDED[scope]?.includes(wanted));
}
