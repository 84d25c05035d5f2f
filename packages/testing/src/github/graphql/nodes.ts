import { isoTime } from "../git/commit.js";
import type { CommitWithId } from "../git/history.js";
import { parseTree, typeOfMode } from "../git/tree.js";
import { nodeId } from "../ids.js";
import { effectiveRole } from "../repositories/access.js";
import type { BoxRepository } from "../repositories/repository.js";
import { isObjectId, resolveCommit } from "../repositories/resolve-ref.js";
import { accountNode } from "./account-node.js";
import { blobFields } from "./blob-fields.js";
import { gitActor, signatureNode } from "./commit-fields.js";
import { connection } from "./connection.js";
import type { GraphqlContext } from "./context.js";
import type { GraphqlNode } from "./graphql-node.js";
import { protectionNode, refUpdateRule } from "./protection-nodes.js";
import { RULE_TYPES } from "./rule-types.js";

/** Returns the node of a repository. */
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

/** Returns the node of a ref as seen by reads, or null when it does not exist. */
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

/** Returns the object of an expression: `ref:path`, a ref or an object ID. */
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

/** Returns the node of a git object. `path` is the path of a tree, for the paths of its entries. */
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

/** Returns the node of a commit. */
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
