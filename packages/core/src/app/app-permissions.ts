/** The repository permissions that the SDK uses, with the access that it needs. Metadata comes with every App. */
export const REPOSITORY_PERMISSIONS: Readonly<Record<string, "read" | "write">> = {
  contents: "write",
  metadata: "read",
  pull_requests: "write",
  workflows: "write",
  administration: "write",
};

/** The organization permissions that the SDK uses: it reads who owns an organization. */
export const ORGANIZATION_PERMISSIONS: Readonly<Record<string, "read">> = { members: "read" };

const LEVELS = ["read", "write", "admin"];

/**
 * Returns the permissions that the SDK uses and an installation did not grant, such as `["workflows:write"]`. Features that need
 * them are rejected; the others work.
 *
 * @see https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
 */
export function missingPermissions(granted: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(REPOSITORY_PERMISSIONS)
    .filter(([name, level]) => LEVELS.indexOf(granted[name] ?? "") < LEVELS.indexOf(level))
    .map(([name, level]) => `${name}:${level}`);
}
