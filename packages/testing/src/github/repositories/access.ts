import type { Account, Permissions } from "../accounts/account.js";
import type { Credential } from "../accounts/credential.js";
import type { Role } from "../accounts/role.js";
import type { BoxRepository } from "./repository.js";

/** The permission that an operation requires, at a level. */
export interface Need {
  permission: "administration" | "contents" | "members" | "metadata" | "pull_requests";
  level: "read" | "write";
}

const RANK: Record<Role, number> = { none: 0, read: 1, write: 2, admin: 3 };

/** Returns an account's role: as owner, as member of the organization, as granted, or for public repositories `read`. */
export function roleOf(account: Account | undefined, repository: BoxRepository): Role {
  const explicit = account === undefined ? "none" : explicitRoleOf(account, repository);
  return explicit === "none" && !repository.private ? "read" : explicit;
}

/** Returns an account's role as owner, member or as granted. Public visibility does not count. */
export function explicitRoleOf(account: Account, repository: BoxRepository): Role {
  if (account.id === repository.owner.id) return "admin";
  const login = account.login.toLowerCase();
  const membership = repository.owner.members.get(login);
  const asMember: Role = membership === "admin" ? "admin" : membership === "member" ? "read" : "none";
  const granted = repository.roles.get(login) ?? "none";
  return RANK[granted] > RANK[asMember] ? granted : asMember;
}

/** Returns the role of a credential: the role of its account, limited by the token's scopes or permissions. */
export function effectiveRole(credential: Credential | undefined, repository: BoxRepository): Role {
  if (may(credential, repository, { permission: "administration", level: "write" })) return "admin";
  if (may(credential, repository, { permission: "contents", level: "write" })) return "write";
  return canSee(credential, repository) ? "read" : "none";
}

/** True when a credential can see a repository. Otherwise all responses are 404. */
export function canSee(credential: Credential | undefined, repository: BoxRepository): boolean {
  return may(credential, repository, { permission: "metadata", level: "read" });
}

/** True when a credential has a permission on a repository. */
export function may(credential: Credential | undefined, repository: BoxRepository, need: Need): boolean {
  if (credential === undefined) return need.level === "read" && !repository.private;
  const needed: Role = need.permission === "administration" ? "admin" : need.level;
  if (credential.kind === "oauth") {
    return RANK[roleOf(credential.account, repository)] >= RANK[needed] && scopeAllows(credential, repository, need);
  }
  if (!repository.private && need.level === "read" && need.permission !== "administration") return true;
  const permissions = permissionsOn(credential, repository);
  if (permissions === undefined || !permissionAllows(permissions, need)) return false;
  return credential.kind === "installation" || RANK[roleOf(credential.account, repository)] >= RANK[needed];
}

/** True when a credential can write files below `.github/workflows`. */
export function mayWriteWorkflows(credential: Credential | undefined, repository: BoxRepository): boolean {
  if (credential === undefined) return false;
  if (credential.kind === "oauth") return credential.scopes.has("workflow");
  return permissionsOn(credential, repository)?.workflows === "write";
}

/** Returns the permissions of a token other than an OAuth token, or `undefined` when it has no access to the repository. */
function permissionsOn(credential: Credential, repository: BoxRepository): Permissions | undefined {
  if (credential.reach !== undefined) return credential.reach.onRepository(repository);
  const { kind, account, repositories, permissions } = credential;
  const reachesAll = kind === "fine-grained" || account.id === repository.owner.id;
  const isReached = repositories?.has(repository.fullName.toLowerCase()) ?? reachesAll;
  return isReached ? permissions : undefined;
}

function scopeAllows(credential: Credential, repository: BoxRepository, need: Need): boolean {
  if (credential.scopes.has("repo")) return true;
  return !repository.private && (need.level === "read" || credential.scopes.has("public_repo"));
}

function permissionAllows(permissions: Permissions, need: Need): boolean {
  const granted = permissions[need.permission];
  if (need.permission === "metadata") return true;
  return granted === "write" || granted === "admin" || (need.level === "read" && granted === "read");
}

/** Returns the permissions of a token other than an OAuth token on an account, or `undefined` when it has no access to it. */
export function permissionsAt(
  { kind, account: holder, permissions, reach }: Credential,
  account: Account,
): Permissions | undefined {
  if (reach !== undefined) return reach.onAccount(account);
  return kind === "fine-grained" || holder === account ? permissions : undefined;
}
