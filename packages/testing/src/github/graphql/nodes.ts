import { effectiveRole } from "../access.js";
import type { Account } from "../accounts.js";
import { isoTime, type Signature, serializeCommit } from "../git/commit.js";
import type { CommitWithId } from "../git/history.js";
import { parseTree, typeOfMode } from "../git/tree.js";
import { nodeId } from "../ids.js";
import { findByAddress } from "../payloads/commit.js";
import type { PullRequest } from "../pull-request.js";
import type { BoxRepository } from "../repository.js";
import { isObjectId, resolveCommit } from "../resolve.js";
import { type ClassicProtection, rulesOfProtection } from "../rules.js";
import { connection } from "./connection.js";
import type { GraphqlContext } from "./context.js";
import { RULE_TYPES } from "./rule-types.js";

/** Objects that graphql-js resolves further: members are values, or functions of the field's arguments. */
export type GraphqlNode = Record<string, unknown> & { __typename: string };

/** A user or organization. */
export function accountNode({ addresses }: GraphqlContext, account: Account): GraphqlNode {
  const type = account.type === "Organization" ? "Organization" : "User";
  return {
    __typename: type,
    id: nodeId(type, account.id),
    databaseId: account.id,
    login: account.login,
    name: account.name,
    url: `${addresses.html}/${account.login}`,
  };
}

/** A repository. */
export function repositoryNode(context: GraphqlContext, repository: BoxRepository): GraphqlNode {
  const url = `${context.addresses.html}/${repository.fullName}`;
  const role = effectiveRole(context.credential, repository);
  const ref = (name: string): GraphqlNode | null => refNode(context, repository, name);
  return {
    __typename: "Repository",
    id: nodeId("Repository", repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: repository.fullName,
    owner: accountNode(context, repository.owner),
    url,
    description: repository.description,
    createdAt: isoTime(Math.floor(repository.createdAt / 1000)),
    pushedAt: isoTime(Math.floor(repository.pushedAt / 1000)),
    diskUsage: 0,
    isArchived: repository.archived,
    isDisabled: false,
    isEmpty: repository.isEmpty,
    isFork: false,
    isInOrganization: repository.owner.type === "Organization",
    isLocked: false,
    isPrivate: repository.private,
    viewerPermission: role === "none" ? null : role.toUpperCase(),
    viewerCanAdminister: role === "admin",
    defaultBranchRef: () => ref(`refs/heads/${repository.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      qualifiedName.startsWith("refs/")
        ? ref(qualifiedName)
        : (ref(`refs/heads/${qualifiedName}`) ?? ref(`refs/tags/${qualifiedName}`)),
    object: ({ expression, oid }: { expression?: string; oid?: string }) =>
      oid === undefined
        ? objectByExpression(context, repository, expression ?? "HEAD")
        : isObjectId(oid)
          ? objectNode(context, repository, oid)
          : null,
  };
}

/** A ref, as reads see it; null when there is none. */
export function refNode(context: GraphqlContext, repository: BoxRepository, full: string): GraphqlNode | null {
  const oid = repository.refs.seen(full);
  if (oid === undefined) return null;
  const prefix = /^refs\/(?:heads|tags)\//.exec(full)?.[0] ?? "refs/";
  const name = full.slice(prefix.length);
  const rules = (repository.rules.get(name) ?? []).filter(({ type }) => RULE_TYPES.has(type.toUpperCase()));
  const protection = prefix === "refs/heads/" ? repository.protections.get(name) : undefined;
  return {
    __typename: "Ref",
    id: nodeId("Ref", `${repository.id}:${full}`),
    name,
    prefix,
    repository: () => repositoryNode(context, repository),
    target: () => objectNode(context, repository, oid),
    branchProtectionRule: protection === undefined ? null : protectionNode(repository, name, protection),
    refUpdateRule: protection === undefined ? null : refUpdateRule(context, repository, name, protection),
    rules: (page: object) =>
      connection(
        rules.map(({ type }, index) => ({
          __typename: "RepositoryRule",
          id: Buffer.from(`RepositoryRule${repository.id}:${name}:${index}`).toString("base64"),
          type: type.toUpperCase(),
        })),
        page,
      ),
  };
}

/** What `ref:path`, a ref or an id names. */
async function objectByExpression(
  context: GraphqlContext,
  repository: BoxRepository,
  expression: string,
): Promise<GraphqlNode | null> {
  const colon = expression.indexOf(":");
  const name = (colon === -1 ? expression : expression.slice(0, colon)).replace(/\^\{tree\}$/, "");
  const commit = await resolveCommit(repository, name);
  if (commit === undefined) return isObjectId(name) ? objectNode(context, repository, name) : null;
  if (expression.endsWith("^{tree}")) return objectNode(context, repository, commit.tree);
  if (colon === -1) return objectNode(context, repository, commit.oid);
  const path = expression.slice(colon + 1).replace(/^\/|\/$/g, "");
  const entry = await repository.entryAt(commit.oid, path);
  return entry === undefined ? null : objectNode(context, repository, entry.oid, path);
}

/** A Git object; `path` is where it was found, for the entries of a tree. */
export async function objectNode(
  context: GraphqlContext,
  repository: BoxRepository,
  oid: string,
  path = "",
): Promise<GraphqlNode | null> {
  const object = await repository.objects.read(oid);
  if (object?.type === "tree") return treeNode(context, repository, oid, object.body, path);
  if (object?.type === "blob") return { ...objectFields(context, repository, "Blob", oid), ...blobFields(object.body) };
  const commit = object?.type === "commit" ? await repository.history.commit(oid) : undefined;
  return commit === undefined ? null : commitNode(context, repository, commit);
}

function objectFields(
  context: GraphqlContext,
  repository: BoxRepository,
  type: "Blob" | "Commit" | "Tree",
  oid: string,
): GraphqlNode {
  return {
    __typename: type,
    id: nodeId(type, `${repository.id}:${oid}`),
    oid,
    abbreviatedOid: oid.slice(0, 7),
    repository: () => repositoryNode(context, repository),
  };
}

/** GitHub cuts text off here (bytes). */
const TEXT_LIMIT = 512_000;

function blobFields(content: Buffer): Record<string, unknown> {
  const isBinary = content.subarray(0, 8000).includes(0) || !isUtf8(content);
  const isTruncated = !isBinary && content.length > TEXT_LIMIT;
  return {
    byteSize: content.length,
    isBinary,
    isTruncated,
    text: isBinary ? null : content.subarray(0, TEXT_LIMIT).toString(),
  };
}

function isUtf8(content: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

function treeNode(
  context: GraphqlContext,
  repository: BoxRepository,
  oid: string,
  body: Buffer,
  folder: string,
): GraphqlNode {
  return {
    ...objectFields(context, repository, "Tree", oid),
    entries: async () => {
      const entries = parseTree(body);
      const sizes = await repository.objects.sizes(
        entries.filter(({ mode }) => typeOfMode(mode) === "blob").map((entry) => entry.oid),
      );
      return entries.map(({ mode, name, oid: entryOid }) => {
        const path = folder === "" ? name : `${folder}/${name}`;
        return {
          __typename: "TreeEntry",
          name,
          path,
          mode: Number.parseInt(mode, 8),
          type: typeOfMode(mode),
          oid: entryOid,
          size: sizes.get(entryOid) ?? 0,
          extension: /\.[^.]+$/.exec(name)?.[0] ?? "",
          repository: () => repositoryNode(context, repository),
          object: () => (mode === "160000" ? null : objectNode(context, repository, entryOid, path)),
        };
      });
    },
  };
}

/** A commit. */
export function commitNode(context: GraphqlContext, repository: BoxRepository, commit: CommitWithId): GraphqlNode {
  const [headline = "", ...body] = commit.message.split("\n");
  return {
    ...objectFields(context, repository, "Commit", commit.oid),
    url: `${context.addresses.html}/${repository.fullName}/commit/${commit.oid}`,
    message: commit.message,
    messageHeadline: headline,
    messageBody: body.join("\n").replace(/^\n+/, "").trimEnd(),
    authoredDate: isoTime(commit.author.seconds),
    committedDate: isoTime(commit.committer.seconds),
    author: gitActor(context, commit.author),
    committer: gitActor(context, commit.committer),
    signature: signatureNode(repository, commit),
    tree: () => objectNode(context, repository, commit.tree),
    parents: async (page: object) => {
      const parents = await Promise.all(commit.parents.map((oid) => repository.history.commit(oid)));
      const known = parents.filter((parent) => parent !== undefined);
      return connection(
        known.map((parent) => commitNode(context, repository, parent)),
        page,
      );
    },
    history: async (page: object) => {
      const log = await repository.history.log(commit.oid);
      return connection(
        log.map((entry) => commitNode(context, repository, entry)),
        page,
      );
    },
  };
}

function gitActor(context: GraphqlContext, { name, email, seconds }: Signature): Record<string, unknown> {
  const account = findByAddress(context, email);
  const user = account?.type === "User" ? accountNode(context, account) : null;
  return { name, email, date: isoTime(seconds), user };
}

function signatureNode(repository: BoxRepository, commit: CommitWithId): GraphqlNode | null {
  const isValid = repository.verified.has(commit.oid);
  if (!isValid && commit.signature === undefined) return null;
  return {
    __typename: "GpgSignature",
    email: commit.committer.email,
    isValid,
    keyId: null,
    payload: serializeCommit(commit, false).toString(),
    signature: commit.signature ?? "",
    state: isValid ? "VALID" : "UNKNOWN_KEY",
    wasSignedByGitHub: isValid,
  };
}

function protectionNode(repository: BoxRepository, pattern: string, protection: ClassicProtection): GraphqlNode {
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

function refUpdateRule(
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

/** A pull request. */
export function pullRequestNode(
  { addresses }: GraphqlContext,
  repository: BoxRepository,
  pull: PullRequest,
): GraphqlNode {
  return {
    __typename: "PullRequest",
    id: nodeId("PullRequest", pull.id),
    fullDatabaseId: String(pull.id),
    number: pull.number,
    title: pull.title,
    body: pull.body ?? "",
    state: pull.state.toUpperCase(),
    isDraft: pull.draft,
    baseRefName: pull.base,
    headRefName: pull.head,
    headRefOid: repository.refs.seen(`refs/heads/${pull.head}`) ?? pull.headOid,
    url: `${addresses.html}/${repository.fullName}/pull/${pull.number}`,
  };
}
