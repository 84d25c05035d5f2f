/** A rule of a ruleset, in the format of `GET /repos/{owner}/{repo}/rules/branches/{branch}`. */
export interface BranchRule {
  type: string;
  parameters?: Record<string, unknown>;
}

/** The supported settings of classic branch protection. */
export interface ClassicProtection {
  requiredPullRequestReviews?: boolean;
  requiredSignatures?: boolean;
  requiredLinearHistory?: boolean;
  requiredStatusChecks?: readonly string[];
  allowForcePushes?: boolean;
  allowDeletions?: boolean;
  lockBranch?: boolean;
  /** True when the protection applies to administrators. Defaults to true. */
  enforceAdmins?: boolean;
}

/** A ref update with the properties that rules check. */
export interface ProposedMove {
  kind: "create" | "update" | "delete";
  isFastForward: boolean;
  /** True when all new commits have verified signatures. */
  isSigned: boolean;
  hasMergeCommits: boolean;
}

/** Returns GitHub's message for each rule that an update violates. */
export function brokenRules(rules: readonly BranchRule[], move: ProposedMove): string[] {
  return rules.flatMap((rule) => messageFor(rule, move) ?? []);
}

/** Returns the ruleset rules that are equivalent to a classic protection. */
export function rulesOfProtection(protection: ClassicProtection): BranchRule[] {
  const types = [
    protection.requiredPullRequestReviews === true && "pull_request",
    protection.requiredSignatures === true && "required_signatures",
    protection.requiredLinearHistory === true && "required_linear_history",
    protection.allowForcePushes !== true && "non_fast_forward",
    protection.allowDeletions !== true && "deletion",
    protection.lockBranch === true && "update",
  ].filter((type) => type !== false);
  const checks = protection.requiredStatusChecks ?? [];
  return [
    ...types.map((type) => ({ type })),
    ...(checks.length === 0 ? [] : [{ type: "required_status_checks", parameters: statusChecks(checks) }]),
  ];
}

function statusChecks(contexts: readonly string[]): Record<string, unknown> {
  return {
    required_status_checks: contexts.map((context) => ({ context })),
    strict_required_status_checks_policy: false,
  };
}

function messageFor(rule: BranchRule, move: ProposedMove): string | undefined {
  const adds = move.kind !== "delete";
  switch (rule.type) {
    case "pull_request":
      return adds ? "Changes must be made through a pull request." : undefined;
    case "update":
      return move.kind === "update" ? "Cannot update this protected ref." : undefined;
    case "creation":
      return move.kind === "create" ? "Cannot create ref due to creations being restricted." : undefined;
    case "deletion":
      return move.kind === "delete" ? "Cannot delete this protected ref." : undefined;
    case "non_fast_forward":
      return move.kind === "update" && !move.isFastForward ? "Cannot force-push to this branch" : undefined;
    case "required_signatures":
      return adds && !move.isSigned ? "Commits must have verified signatures." : undefined;
    case "required_linear_history":
      return adds && move.hasMergeCommits ? "This branch must not contain merge commits." : undefined;
    case "required_status_checks":
      return move.kind === "update" ? statusCheckMessage(rule) : undefined;
    default:
      return undefined;
  }
}

function statusCheckMessage(rule: BranchRule): string {
  const checks = rule.parameters?.required_status_checks;
  const contexts = Array.isArray(checks) ? checks.map((check: { context?: unknown }) => String(check.context)) : [];
  return contexts.length === 1
    ? `Required status check "${contexts[0]}" is expected.`
    : `${contexts.length} of ${contexts.length} required status checks are expected.`;
}
