import { isValidRefName, RefRefusedError } from "../git/ref-database.js";
import { forbiddenWorkflow, type RequestedMove, violationOf } from "../repositories/ref-guard.js";
import type { BoxRepository } from "../repositories/repository.js";
import { isObjectId } from "../repositories/resolve-ref.js";
import { workflowMessage } from "../smart-http/push-guard.js";
import { type GraphqlContext, repositoryById, requireAccess } from "./context.js";
import { graphqlFault } from "./graphql-fault.js";
import { refNode } from "./nodes.js";

interface RefUpdate {
  name: string;
  beforeOid?: string | null;
  afterOid: string;
  force?: boolean | null;
}

const ZERO = "0".repeat(40);
const write = { permission: "contents", level: "write" } as const;

/**
 * Resolves `updateRefs`: updates several refs or none. `beforeOid` is the required current object ID (zeros: the ref must not
 * exist), `afterOid` the new one (zeros: delete the ref). Without `force`, only fast-forwards are allowed.
 */
export async function updateRefs(
  { input }: { input: { clientMutationId?: string | null; repositoryId: string; refUpdates: RefUpdate[] } },
  context: GraphqlContext,
): Promise<unknown> {
  const repository = repositoryById(context, input.repositoryId);
  requireAccess(context, repository, write, "updateRefs");
  const moves: RequestedMove[] = [];
  for (const update of input.refUpdates) moves.push(await checkUpdate(context, repository, update));
  await move(repository, moves);
  return { clientMutationId: input.clientMutationId ?? null };
}

/** Resolves `createRef`: creates a ref. */
export async function createRef(
  { input }: { input: { clientMutationId?: string | null; repositoryId: string; name: string; oid: string } },
  context: GraphqlContext,
): Promise<unknown> {
  const repository = repositoryById(context, input.repositoryId);
  requireAccess(context, repository, write, "createRef");
  if (repository.refs.read(input.name) !== undefined) {
    throw graphqlFault("UNPROCESSABLE", `A ref named "${input.name}" already exists in the repository.`);
  }
  const update = { name: input.name, beforeOid: ZERO, afterOid: input.oid };
  await move(repository, [await checkUpdate(context, repository, update)]);
  return {
    clientMutationId: input.clientMutationId ?? null,
    ref: () => refNode(context, repository, input.name),
  };
}

async function checkUpdate(
  context: GraphqlContext,
  repository: BoxRepository,
  { name, beforeOid, afterOid, force }: RefUpdate,
): Promise<RequestedMove> {
  if (!name.startsWith("refs/") || !isValidRefName(name)) {
    throw graphqlFault("UNPROCESSABLE", `"${name}" is not a valid ref name.`);
  }
  const before = repository.refs.read(name);
  if (beforeOid != null && (before ?? ZERO) !== beforeOid) throw staleRef(name, beforeOid, before);
  if (afterOid === ZERO) return check(context, repository, { name, before, after: undefined });
  if (!isObjectId(afterOid) || (await repository.history.commit(afterOid)) === undefined) {
    throw graphqlFault("UNPROCESSABLE", `Could not resolve to a commit with the oid '${afterOid}'.`);
  }
  if (before !== undefined && force !== true && !(await repository.history.isAncestor(before, afterOid))) {
    throw graphqlFault("UNPROCESSABLE", `Update to "${name}" is not a fast forward`);
  }
  return check(context, repository, { name, before, after: afterOid });
}

async function check(
  context: GraphqlContext,
  repository: BoxRepository,
  wanted: RequestedMove,
): Promise<RequestedMove> {
  const tree = await repository.treeOf(wanted.after);
  const base = await repository.treeOf(wanted.before);
  const workflow = tree === undefined ? undefined : await forbiddenWorkflow(repository, context.credential, tree, base);
  if (workflow !== undefined) throw graphqlFault("FORBIDDEN", workflowMessage(context.credential, workflow));
  const violation = await violationOf(repository, context.credential, wanted);
  if (violation === undefined) return wanted;
  const intro = violation.source === "ruleset" ? "Repository rule violations found\n\n" : "";
  throw graphqlFault("UNPROCESSABLE", intro + violation.messages.join("\n\n"));
}

async function move(repository: BoxRepository, moves: readonly RequestedMove[]): Promise<void> {
  try {
    await repository.moveRefs(
      moves.map(({ name, before, after }) => ({ name, before: before ?? null, after: after ?? null })),
    );
  } catch (error) {
    if (!(error instanceof RefRefusedError)) throw error;
    const [first] = moves;
    if (!error.isConflict || first === undefined) throw graphqlFault("UNPROCESSABLE", "Reference update failed");
    throw staleRef(first.name, first.before ?? ZERO, repository.refs.read(first.name));
  }
}

function staleRef(name: string, expected: string, actual: string | undefined): Error {
  return graphqlFault("STALE_DATA", `Ref ${name} is at ${actual ?? ZERO} but expected ${expected}`);
}
