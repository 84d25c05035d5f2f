import { z } from "zod";
import type { ObjectId } from "../domain/repository.js";
import { GitHubSdkError } from "../errors.js";
import type { Credential } from "../github/credential.js";
import type { ResponseHeaders } from "../github/github-client.js";
import type { BranchPermissions, BranchView, CommitAuthor } from "./branch-view.js";

/** Everything about a repository and a branch that a sync has to know, in one query. */
export const BRANCH_QUERY = /* GraphQL */ `
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
        refUpdateRule { viewerCanPush requiresSignatures requiredApprovingReviewCount }
        rules(first: 100) { nodes { type } }
      }
      directory: object(expression: $directory) { __typename oid }
      startDirectory: object(expression: $startDirectory) { __typename oid }
    }
    viewer { login databaseId }
  }
`;

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
      refUpdateRule: updateRuleSchema.nullable(),
      rules: z.object({ nodes: z.array(z.object({ type: z.string() }).nullable()).nullable() }).nullable(),
    })
    .nullable(),
  directory: directorySchema,
  startDirectory: directorySchema,
});

/** The shape of the query's answer. */
export const branchQuerySchema = z.object({
  viewer: z.object({ login: z.string(), databaseId: z.number().nullable() }).nullable(),
  repository: repositorySchema.nullable(),
});

type RepositoryAnswer = z.infer<typeof repositorySchema>;
type ViewerAnswer = z.infer<typeof branchQuerySchema>["viewer"];

// Rules that a commit pushed straight to the branch cannot satisfy.
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

/** Variables for the query. The default branch's directory is asked for too, in case the branch does not exist yet. */
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
 * The answer as a view of the branch.
 *
 * @throws GitHubSdkError `repository_archived`; `branch_protected` is the caller's to decide
 */
export function toBranchView(
  answer: RepositoryAnswer,
  viewer: ViewerAnswer,
  branch: string,
  headers: ResponseHeaders,
  credential: Credential,
): BranchView {
  if (answer.isArchived) {
    throw new GitHubSdkError(
      "repository_archived",
      `The repository ${answer.nameWithOwner} is archived and therefore read-only. Unarchive it on GitHub, or use another one.`,
    );
  }
  const start = answer.ref?.target ?? answer.defaultBranchRef?.target ?? null;
  return {
    repository: {
      id: answer.databaseId,
      nodeId: answer.id,
      fullName: answer.nameWithOwner,
      htmlUrl: answer.url,
      isEmpty: answer.isEmpty || start === null,
      defaultBranch: answer.defaultBranchRef?.name ?? null,
    },
    branch,
    head: answer.ref?.target.oid ?? null,
    start: start?.oid ?? null,
    rootTree: start?.tree.oid ?? null,
    directoryTree: treeOf(answer.ref === null ? answer.startDirectory : answer.directory),
    permissions: permissionsOf(answer, headers, credential),
    author: authorOf(viewer, answer.url),
  };
}

/**
 * The account with the address that GitHub links to it.
 *
 * @see https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
 */
function authorOf(viewer: ViewerAnswer, repositoryUrl: string): CommitAuthor {
  const host = `users.noreply.${new URL(repositoryUrl).hostname}`;
  if (viewer === null) return { name: "Infrajet", email: `infrajet@${host}` };
  const { login, databaseId } = viewer;
  return { name: login, email: `${databaseId === null ? "" : `${databaseId}+`}${login}@${host}` };
}

function treeOf(object: z.infer<typeof directorySchema>): ObjectId | null {
  return object?.__typename === "Tree" ? object.oid : null;
}

function permissionsOf(answer: RepositoryAnswer, headers: ResponseHeaders, credential: Credential): BranchPermissions {
  const rules = new Set(answer.ref?.rules?.nodes?.flatMap((rule) => rule?.type ?? []) ?? []);
  return {
    canPush: canPush(answer.viewerPermission, credential),
    canWriteWorkflows: canWriteWorkflows(headers),
    blockingRule: blockingRule(rules, answer),
    requiresSignatures: rules.has("REQUIRED_SIGNATURES") || answer.ref?.refUpdateRule?.requiresSignatures === true,
  };
}

/** An installation is no collaborator: what it may do follows from its permissions, so only a yes is believed. */
function canPush(permission: string | null, credential: Credential): boolean | null {
  if (permission !== null && ["ADMIN", "MAINTAIN", "WRITE"].includes(permission)) return true;
  return permission === null || credential.kind === "installation" ? null : false;
}

/** Only OAuth tokens and classic personal access tokens tell their scopes. */
function canWriteWorkflows(headers: ResponseHeaders): boolean | null {
  const scopes = (headers["x-oauth-scopes"] ?? "").split(",").map((scope) => scope.trim());
  if (scopes.every((scope) => scope === "")) return null;
  return scopes.includes("workflow");
}

function blockingRule(rules: ReadonlySet<string>, answer: RepositoryAnswer): string | null {
  const rule = BLOCKING_RULES.find((type) => rules.has(type));
  if (rule !== undefined) return rule.toLowerCase();
  const classic = answer.ref?.refUpdateRule ?? null;
  if (classic === null) return null;
  if (!classic.viewerCanPush) return "update";
  // Classic protection may exempt administrators, and does not tell: GitHub decides for them.
  return classic.requiredApprovingReviewCount !== null && answer.viewerPermission !== "ADMIN" ? "pull_request" : null;
}
