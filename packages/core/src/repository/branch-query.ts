import * as z from "zod";
import type { CommitAuthor } from "../domain/commit-author.js";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { ResponseHeaders } from "../github/github-client.js";
import type { BranchPermissions, BranchView } from "./branch-view.js";

/** The fields that older GitHub Enterprise Servers do not have, and that some credentials may not read. */
export const OPTIONAL_FIELDS = ["refUpdateRule", "rules"] as const;

type OptionalField = (typeof OPTIONAL_FIELDS)[number];

const RULE_FIELDS: Readonly<Record<OptionalField, string>> = {
  refUpdateRule: "refUpdateRule { viewerCanPush requiresSignatures requiredApprovingReviewCount }",
  rules: "rules(first: 100) { nodes { type } }",
};

/** Returns the one query for all facts that a sync needs about a repository and a branch. @param omitted fields to leave out */
export function branchQuery(omitted: readonly unknown[] = []): string {
  const rules = OPTIONAL_FIELDS.filter((field) => !omitted.includes(field)).map((field) => RULE_FIELDS[field]);
  return /* GraphQL */ `
  query BranchView($owner: String!, $name: String!, $branch: String!, $directory: String!, $startDirectory: String!) {
    repository(owner: $owner, name: $name) {
      databaseId
      id
      nameWithOwner
      url
      isEmpty
      isArchived
      viewerPermission
      defaultBranchRef { name target { oid ... on Commit { tree { oid } } } }
      ref(qualifiedName: $branch) {
        target { oid ... on Commit { tree { oid } } }
        ${rules.join("\n        ")}
      }
      directory: object(expression: $directory) { __typename oid }
      startDirectory: object(expression: $startDirectory) { __typename oid }
    }
    viewer { login databaseId }
  }
`;
}

const commitSchema = z.object({ oid: z.string(), tree: z.object({ oid: z.string() }) });
const directorySchema = z.object({ __typename: z.string(), oid: z.string() }).nullable();
const updateRuleSchema = z.object({
  viewerCanPush: z.boolean(),
  requiresSignatures: z.boolean(),
  requiredApprovingReviewCount: z.number().nullable(),
});

const repositorySchema = z.object({
  databaseId: z.number(),
  id: z.string(),
  nameWithOwner: z.string(),
  url: z.string(),
  isEmpty: z.boolean(),
  isArchived: z.boolean(),
  viewerPermission: z.string().nullable(),
  defaultBranchRef: z.object({ name: z.string(), target: commitSchema.nullable() }).nullable(),
  ref: z
    .object({
      target: commitSchema,
      refUpdateRule: updateRuleSchema.nullish(),
      rules: z.object({ nodes: z.array(z.object({ type: z.string() }).nullable()).nullable() }).nullish(),
    })
    .nullable(),
  directory: directorySchema,
  startDirectory: directorySchema,
});

/** The shape of the query's response. */
export const branchQuerySchema = z.object({
  viewer: z.object({ login: z.string(), databaseId: z.number().nullable() }).nullable(),
  repository: repositorySchema.nullable(),
});

type RepositoryNode = z.infer<typeof repositorySchema>;
type ViewerNode = z.infer<typeof branchQuerySchema>["viewer"];

// Rules that a commit pushed directly to the branch cannot satisfy.
// https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
const BLOCKING_RULES = [
  "PULL_REQUEST",
  "UPDATE",
  "LOCK_BRANCH",
  "MERGE_QUEUE",
  "REQUIRED_STATUS_CHECKS",
  "REQUIRED_DEPLOYMENTS",
  "WORKFLOWS",
  "CODE_SCANNING",
];

/** Returns the variables of the query. The default branch's directory is included, in case the branch does not exist yet. */
export function branchQueryVariables(owner: string, name: string, branch: string, directory: string) {
  return {
    owner,
    name,
    branch: `refs/heads/${branch}`,
    directory: `refs/heads/${branch}:${directory}`,
    startDirectory: `HEAD:${directory}`,
  };
}

/**
 * Converts the response to a view of the branch.
 *
 * @throws GitHubSdkError `repository_archived`. Protection is only reported: the caller decides about it.
 */
export function toBranchView(
  node: RepositoryNode,
  viewer: ViewerNode,
  branch: string,
  headers: ResponseHeaders,
  credential: Credential,
): BranchView {
  if (node.isArchived) {
    throw new GitHubSdkError(
      "repository_archived",
      `The repository ${node.nameWithOwner} is archived and therefore read-only. Unarchive it on GitHub, or use another repository.`,
    );
  }
  const start = node.ref?.target ?? node.defaultBranchRef?.target ?? null;
  return {
    repository: {
      id: node.databaseId,
      nodeId: node.id,
      fullName: node.nameWithOwner,
      htmlUrl: node.url,
      isEmpty: node.isEmpty || start === null,
      defaultBranch: node.defaultBranchRef?.name ?? null,
    },
    branch,
    head: node.ref?.target.oid ?? null,
    start: start?.oid ?? null,
    rootTree: start?.tree.oid ?? null,
    directoryTree: treeOf(node.ref === null ? node.startDirectory : node.directory),
    permissions: permissionsOf(node, headers, credential),
    author: authorOf(viewer, node.url),
  };
}

/**
 * Returns the account with the email address that GitHub links to it.
 *
 * @see https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
 */
function authorOf(viewer: ViewerNode, repositoryUrl: string): CommitAuthor {
  const host = `users.noreply.${new URL(repositoryUrl).hostname}`;
  if (viewer === null) return { name: "Infrajet", email: `infrajet@${host}` };
  const { login, databaseId } = viewer;
  return { name: login, email: `${databaseId === null ? "" : `${databaseId}+`}${login}@${host}` };
}

function treeOf(object: z.infer<typeof directorySchema>): ObjectId | null {
  return object?.__typename === "Tree" ? object.oid : null;
}

function permissionsOf(node: RepositoryNode, headers: ResponseHeaders, credential: Credential): BranchPermissions {
  const rules = new Set(node.ref?.rules?.nodes?.flatMap((rule) => rule?.type ?? []) ?? []);
  return {
    canPush: canPush(node.viewerPermission, credential),
    canWriteWorkflows: canWriteWorkflows(headers),
    blockingRule: blockingRule(rules, node),
    requiresSignatures: rules.has("REQUIRED_SIGNATURES") || node.ref?.refUpdateRule?.requiresSignatures === true,
  };
}

/** Returns `null` where unknown: an installation is not a collaborator, so only a permission to write is conclusive for it. */
function canPush(permission: string | null, credential: Credential): boolean | null {
  if (permission !== null && ["ADMIN", "MAINTAIN", "WRITE"].includes(permission)) return true;
  return permission === null || credential.kind === "installation" ? null : false;
}

/** Returns `null` where unknown: only OAuth tokens and classic personal access tokens report their scopes. */
function canWriteWorkflows(headers: ResponseHeaders): boolean | null {
  const scopes = (headers["x-oauth-scopes"] ?? "").split(",").map((scope) => scope.trim());
  if (scopes.every((scope) => scope === "")) return null;
  return scopes.includes("workflow");
}

function blockingRule(rules: ReadonlySet<string>, node: RepositoryNode): string | null {
  const rule = BLOCKING_RULES.find((type) => rules.has(type));
  if (rule !== undefined) return rule.toLowerCase();
  const classic = node.ref?.refUpdateRule ?? null;
  if (classic === null) return null;
  if (!classic.viewerCanPush) return "update";
  // Classic protection may exempt administrators without reporting it, so GitHub decides for them.
  return classic.requiredApprovingReviewCount !== null && node.viewerPermission !== "ADMIN" ? "pull_request" : null;
}
