import { effectiveRole } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { type ClassicProtection, rulesOfProtection } from "../repositories/rules.js";
import type { GraphqlContext } from "./context.js";
import type { GraphqlNode } from "./graphql-node.js";

/** Returns the `branchProtectionRule` of a branch, for administrators. */
export function protectionNode(repository: BoxRepository, pattern: string, protection: ClassicProtection): GraphqlNode {
  return {
    __typename: "BranchProtectionRule",
    id: Buffer.from(`BranchProtectionRule${repository.id}:${pattern}`).toString("base64"),
    pattern,
    allowsDeletions: protection.allowDeletions === true,
    allowsForcePushes: protection.allowForcePushes === true,
    isAdminEnforced: protection.enforceAdmins !== false,
    lockBranch: protection.lockBranch === true,
    requiresApprovingReviews: protection.requiredPullRequestReviews === true,
    requiresCommitSignatures: protection.requiredSignatures === true,
    requiresLinearHistory: protection.requiredLinearHistory === true,
    requiresStatusChecks: (protection.requiredStatusChecks ?? []).length > 0,
  };
}

/** Returns the `refUpdateRule` of a branch, with the effect of classic protection on the caller. */
export function refUpdateRule(
  context: GraphqlContext,
  repository: BoxRepository,
  pattern: string,
  protection: ClassicProtection,
): Record<string, unknown> {
  const role = effectiveRole(context.credential, repository);
  const types = new Set(rulesOfProtection(protection).map(({ type }) => type));
  const isBlocked = ["pull_request", "update", "required_status_checks"].some((type) => types.has(type));
  const isExempt = role === "admin" && protection.enforceAdmins === false;
  return {
    pattern,
    allowsDeletions: protection.allowDeletions === true,
    allowsForcePushes: protection.allowForcePushes === true,
    blocksCreations: false,
    requiredApprovingReviewCount: protection.requiredPullRequestReviews === true ? 1 : null,
    requiredStatusCheckContexts: protection.requiredStatusChecks ?? [],
    requiresCodeOwnerReviews: false,
    requiresConversationResolution: false,
    requiresLinearHistory: protection.requiredLinearHistory === true,
    requiresSignatures: protection.requiredSignatures === true,
    viewerCanPush: (role === "admin" || role === "write") && (isExempt || !isBlocked),
  };
}
