import { RefRefusedError } from "../git/ref-database.js";
import { entryAt } from "../git/tree.js";
import { TreeEditor } from "../git/tree-editor.js";
import { nodeId, parseNodeId } from "../ids.js";
import { forbiddenWorkflow, violationOf } from "../repositories/ref-guard.js";
import { noreplyAddress } from "../repositories/repositories.js";
import type { BoxRepository } from "../repositories/repository.js";
import { decodeBase64 } from "../routes/base64.js";
import { workflowMessage } from "../smart-http/push-guard.js";
import { type GraphqlContext, repositoryById, requireAccess, unknownNode } from "./context.js";
import { graphqlFault } from "./graphql-fault.js";
import { commitNode, refNode } from "./nodes.js";

interface Input {
  branch: { id?: string | null; repositoryNameWithOwner?: string | null; branchName?: string | null };
  clientMutationId?: string | null;
  expectedHeadOid: string;
  fileChanges?: {
    additions?: { path: string; contents: string }[] | null;
    deletions?: { path: string }[] | null;
  } | null;
  message: { headline: string; body?: string | null };
}

/**
 * Resolves `createCommitOnBranch`: creates a commit on top of `expectedHeadOid`. The author is the token's actor; the committer
 * is GitHub, which also signs. The mutation cannot set modes: a new file is `100644`, a changed file keeps its mode.
 */
export async function createCommitOnBranch({ input }: { input: Input }, context: GraphqlContext): Promise<unknown> {
  const { repository, ref } = findBranch(context, input.branch);
  requireAccess(context, repository, { permission: "contents", level: "write" }, "createCommitOnBranch");
  const head = repository.refs.read(ref);
  if (head === undefined) {
    throw graphqlFault(
      "NOT_FOUND",
      `No such branch \`${ref.slice("refs/heads/".length)}\` in \`${repository.fullName}\``,
    );
  }
  if (head !== input.expectedHeadOid) throw staleData(input.expectedHeadOid);
  const base = await repository.treeOf(head);
  const tree = await editTree(repository, head, base ?? "", input.fileChanges ?? {});
  const workflow = await forbiddenWorkflow(repository, context.credential, tree, base);
  if (workflow !== undefined) throw graphqlFault("FORBIDDEN", workflowMessage(context.credential, workflow));
  const oid = writeCommit(context, repository, tree, head, input.message);
  const violation = await violationOf(repository, context.credential, { name: ref, before: head, after: oid });
  if (violation !== undefined) {
    const intro = violation.source === "ruleset" ? "Repository rule violations found\n\n" : "";
    throw graphqlFault("UNPROCESSABLE", intro + violation.messages.join("\n\n"));
  }
  try {
    await repository.moveRefs([{ name: ref, before: head, after: oid }]);
  } catch (error) {
    if (error instanceof RefRefusedError) throw staleData(input.expectedHeadOid);
    throw error;
  }
  const commit = await repository.history.commit(oid);
  return {
    clientMutationId: input.clientMutationId ?? null,
    commit: commit === undefined ? null : commitNode(context, repository, commit),
    ref: () => refNode(context, repository, ref),
  };
}

function staleData(expected: string): Error {
  return graphqlFault("STALE_DATA", `Expected branch to point to "${expected}" but it did not.  Pull and try again.`);
}

function findBranch(context: GraphqlContext, branch: Input["branch"]): { repository: BoxRepository; ref: string } {
  if (branch.id != null) {
    const [, id = "", ref = ""] = /^(\d+):(.+)$/.exec(parseNodeId(branch.id)?.key ?? "") ?? [];
    if (ref === "") throw unknownNode(branch.id);
    return { repository: repositoryById(context, nodeId("Repository", id)), ref };
  }
  const [owner = "", name = ""] = (branch.repositoryNameWithOwner ?? "").split("/");
  const found =
    context.platform.repositories.find(owner, name) ?? context.platform.repositories.findFormer(owner, name);
  if (found === undefined) {
    const message = `Could not resolve to a Repository with the name '${branch.repositoryNameWithOwner ?? ""}'.`;
    throw graphqlFault("NOT_FOUND", message);
  }
  const repository = repositoryById(context, nodeId("Repository", found.id));
  return { repository, ref: `refs/heads/${(branch.branchName ?? "").replace(/^refs\/heads\//, "")}` };
}

async function editTree(
  repository: BoxRepository,
  head: string,
  base: string,
  { additions, deletions }: NonNullable<Input["fileChanges"]>,
): Promise<string> {
  const paths = [...(additions ?? []), ...(deletions ?? [])].map(({ path }) => path);
  const duplicate = paths.find((path, index) => paths.indexOf(path) !== index);
  if (duplicate !== undefined) {
    throw graphqlFault("UNPROCESSABLE", `Path must be unique: ${duplicate}`);
  }
  const malformed = paths.find((path) => path.split("/").some((part) => /^(\.{0,2}|\.git)$/i.test(part)));
  if (malformed !== undefined) throw graphqlFault("UNPROCESSABLE", `The path \`${malformed}\` is malformed`);
  const editor = await TreeEditor.open(repository.objects, base);
  for (const { path } of deletions ?? []) {
    if (!(await editor.delete(path))) {
      const message = `A path was requested for deletion which does not exist as of commit oid \`${head}\``;
      throw graphqlFault("UNPROCESSABLE", message);
    }
  }
  for (const { path, contents } of additions ?? []) {
    const bytes = decodeBase64(contents);
    if (bytes === undefined) throw graphqlFault("UNPROCESSABLE", `The contents of \`${path}\` are not valid Base64`);
    const existing = await entryAt(repository.objects, base, path);
    const mode = existing?.mode === "100755" || existing?.mode === "120000" ? existing.mode : "100644";
    await editor.set(path, mode, repository.objects.write("blob", bytes));
  }
  return editor.write();
}

function writeCommit(
  { credential }: GraphqlContext,
  repository: BoxRepository,
  tree: string,
  parent: string,
  { headline, body }: Input["message"],
): string {
  const oid = repository.writeCommit({
    tree,
    parents: [parent],
    author: repository.signature({ name: credential.actor.name, email: noreplyAddress(credential.actor) }),
    committer: repository.signature({ name: "GitHub", email: "noreply@github.com" }),
    message: body == null || body === "" ? headline : `${headline}\n\n${body}`,
  });
  repository.verified.add(oid);
  return oid;
}
