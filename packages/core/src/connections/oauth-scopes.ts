/**
 * The scopes that a scope includes, from GitHub's documentation.
 *
 * @see https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
 */
const INCLUDED: Readonly<Record<string, readonly string[]>> = {
  repo: ["repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events"],
  user: ["read:user", "user:email", "user:follow"],
  project: ["read:project"],
  "admin:org": ["write:org", "read:org"],
  "write:org": ["read:org"],
  "admin:repo_hook": ["write:repo_hook", "read:repo_hook"],
  "write:repo_hook": ["read:repo_hook"],
  "admin:public_key": ["write:public_key", "read:public_key"],
  "write:public_key": ["read:public_key"],
  "admin:gpg_key": ["write:gpg_key", "read:gpg_key"],
  "write:gpg_key": ["read:gpg_key"],
  "write:packages": ["read:packages"],
};

/** Returns the required scopes that the granted scopes do not contain, directly or within another scope. */
export function missingScopes(granted: readonly string[], required: readonly string[]): readonly string[] {
  const contained = new Set(
    granted.flatMap((scope) => [scope, ...(Object.hasOwn(INCLUDED, scope) ? (INCLUDED[scope] ?? []) : [])]),
  );
  return required.filter((scope) => !contained.has(scope));
}
