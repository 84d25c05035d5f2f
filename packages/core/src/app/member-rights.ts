import type { Installation } from "../domain/installation.js";
import type { InstallationTokenRequest } from "./installation-tokens.js";
import type { UserInstallations } from "./user-installations.js";

/** An operation in repositories of an installation. */
export interface RepositoryOperation {
  readonly installationId: number;
  /** Repository names, with or without the owner. */
  readonly repositories: readonly string[];
  /** The right that the user must have to each of them. */
  readonly right: "pull" | "push";
}

/** The permissions of a token that give no more than a right to push. */
const PUSH_PERMISSIONS: ReadonlySet<string> = new Set([
  "contents",
  "issues",
  "metadata",
  "pull_requests",
  "statuses",
  "workflows",
]);

/**
 * Returns the operation that a token allows; `null` for a token that a right to repositories does not justify: one for all
 * repositories, for all permissions of the installation, or with a permission beyond reading and pushing.
 */
export function operationOf(request: InstallationTokenRequest): RepositoryOperation | null {
  const { installationId, repositories = [], permissions = {} } = request;
  const granted = Object.entries(permissions);
  if (repositories.length === 0 || granted.length === 0) return null;
  const isLimited = granted.every(([name, level]) => PUSH_PERMISSIONS.has(name) && /^(read|write)$/.test(level));
  if (!isLimited) return null;
  const right = granted.every(([, level]) => level === "read") ? "pull" : "push";
  return { installationId, repositories, right };
}

/** Returns `true` when the user's own token has the right to every repository, each of which the installation includes. */
export async function hasRights(
  asUser: UserInstallations,
  { installationId, repositories, right }: RepositoryOperation,
  signal: AbortSignal,
): Promise<boolean> {
  const isListed = (listed: Installation): boolean => listed.installationId === installationId;
  const installation = (await asUser.list(signal)).find(isListed);
  if (installation === undefined || installation.suspendedAt !== null) return false;
  const { login, type } = installation.account;
  if (type !== "Organization") return false;
  const wanted = new Set(repositories.map((name) => (name.includes("/") ? name : `${login}/${name}`).toLowerCase()));
  const granted = await asUser.withRight(installationId, wanted, right, signal);
  return granted.size === wanted.size;
}
