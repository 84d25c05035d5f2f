import * as z from "zod";
import { isValidRefName, RefRefusedError } from "../git/ref-database.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { refPayload } from "../payloads/git-object.js";
import { forbiddenWorkflow, type RequestedMove, violationOf } from "../repositories/ref-guard.js";
import { isObjectId } from "../repositories/resolve-ref.js";
import { gitDataRoute, param } from "./repository-route.js";

const read = { permission: "contents", level: "read" } as const;
const write = { permission: "contents", level: "write" } as const;
const scopes = ["repo"];

const newRef = z.object({ ref: z.string(), sha: z.string() });
const refUpdate = z.object({ sha: z.string(), force: z.boolean().default(false) });

/**
 * Routes for git references: reads use `/git/ref/…`, writes `/git/refs/…`.
 *
 * @see https://docs.github.com/rest/git/refs
 */
export const refRoutes: readonly RepositoryRoute[] = [
  gitDataRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/git/ref/{ref}",
    docs: "git/refs#get-a-reference",
    scopes,
    need: read,
    repositoryHandler: getRef,
  }),
  gitDataRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/git/matching-refs/{ref}",
    docs: "git/refs#list-matching-references",
    scopes,
    need: read,
    repositoryHandler: listMatchingRefs,
  }),
  // GitHub still supports this path for reads, but no longer documents it.
  gitDataRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/git/refs/{ref}",
    docs: "git/refs#get-a-reference",
    scopes,
    need: read,
    repositoryHandler: getRef,
  }),
  gitDataRoute({
    method: "POST",
    template: "/repos/{owner}/{repo}/git/refs",
    docs: "git/refs#create-a-reference",
    scopes,
    need: write,
    repositoryHandler: createRef,
  }),
  gitDataRoute({
    method: "PATCH",
    template: "/repos/{owner}/{repo}/git/refs/{ref}",
    docs: "git/refs#update-a-reference",
    scopes,
    need: write,
    repositoryHandler: updateRef,
  }),
  gitDataRoute({
    method: "DELETE",
    template: "/repos/{owner}/{repo}/git/refs/{ref}",
    docs: "git/refs#delete-a-reference",
    scopes,
    need: write,
    repositoryHandler: deleteRef,
  }),
];

const POLL = { "X-Poll-Interval": "300" };

async function getRef(call: RepositoryCall): Promise<RestResponse> {
  const name = `refs/${param(call, "ref")}`;
  const oid = call.repository.refs.seen(name);
  if (oid === undefined) throw notFound();
  const commit = await call.repository.history.commit(oid);
  return {
    status: 200,
    body: refPayload(call, name, oid),
    headers: POLL,
    ...(commit === undefined ? {} : { lastModified: commit.committer.seconds }),
  };
}

async function listMatchingRefs(call: RepositoryCall): Promise<RestResponse> {
  const { refs, history } = call.repository;
  const found = refs.listSeen(`refs/${param(call, "ref")}`);
  const commits = await Promise.all(found.map(({ oid }) => history.commit(oid)));
  const times = commits.map((commit) => commit?.committer.seconds ?? 0);
  return {
    status: 200,
    body: found.map(({ name, oid }) => refPayload(call, name, oid)),
    headers: POLL,
    ...(times.length === 0 ? {} : { lastModified: Math.max(...times) }),
  };
}

async function createRef(call: RepositoryCall): Promise<RestResponse> {
  const { ref, sha } = parseBody(newRef, call.body);
  if (!ref.startsWith("refs/") || ref.split("/").length < 3) {
    throw new ApiError(422, "Reference name must start with 'refs/' and contain at least two slashes");
  }
  if (!isValidRefName(ref)) throw new ApiError(422, `${ref} is not a valid ref name.`);
  await checkTarget(call, sha);
  if (call.repository.refs.read(ref) !== undefined) throw new ApiError(422, "Reference already exists");
  await moveRef(call, { name: ref, before: undefined, after: sha });
  const body = refPayload(call, ref, sha);
  return { status: 201, body, headers: { Location: String(body.url) } };
}

async function updateRef(call: RepositoryCall): Promise<RestResponse> {
  const name = `refs/${param(call, "ref")}`;
  const { sha, force } = parseBody(refUpdate, call.body);
  const before = call.repository.refs.read(name);
  if (before === undefined) throw new ApiError(422, "Reference does not exist");
  await checkTarget(call, sha);
  if (!force && !(await call.repository.history.isAncestor(before, sha))) {
    throw new ApiError(422, "Update is not a fast forward");
  }
  await moveRef(call, { name, before, after: sha });
  return { status: 200, body: refPayload(call, name, sha) };
}

async function deleteRef(call: RepositoryCall): Promise<RestResponse> {
  const name = `refs/${param(call, "ref")}`;
  const before = call.repository.refs.read(name);
  if (before === undefined) throw new ApiError(422, "Reference does not exist");
  if (name === `refs/heads/${call.repository.defaultBranch}`) {
    throw new ApiError(422, "Cannot delete the default branch");
  }
  await moveRef(call, { name, before, after: undefined });
  return { status: 204 };
}

async function checkTarget(call: RepositoryCall, sha: string): Promise<void> {
  if (!isObjectId(sha)) {
    throw new ApiError(422, "The sha parameter must be exactly 40 characters and contain only [0-9a-f].");
  }
  const object = await call.repository.objects.read(sha);
  if (object === undefined) throw new ApiError(422, "Object does not exist");
  if (object.type !== "commit") throw new ApiError(422, "Reference update failed");
}

/** Updates a ref after checks of workflow files and rules. git compares and swaps the object ID. */
async function moveRef(call: RepositoryCall, wanted: RequestedMove): Promise<void> {
  const { repository, credential } = call;
  const tree = await repository.treeOf(wanted.after);
  const base = await repository.treeOf(wanted.before);
  if (tree !== undefined && (await forbiddenWorkflow(repository, credential, tree, base)) !== undefined)
    throw notFound();
  const violation = await violationOf(repository, credential, wanted);
  if (violation?.source === "ruleset") {
    const message = `Repository rule violations found\n\n${violation.messages.join("\n\n")}`;
    throw new ApiError(call.platform.control.ruleViolationStatus, message);
  }
  if (violation !== undefined) throw new ApiError(422, violation.messages.join("\n"));
  try {
    await repository.moveRefs([{ name: wanted.name, before: wanted.before ?? null, after: wanted.after ?? null }]);
  } catch (error) {
    if (!(error instanceof RefRefusedError)) throw error;
    throw conflictOf(wanted, error);
  }
}

/** Returns the error for a concurrent update, or for a name that conflicts with another ref. */
function conflictOf(wanted: RequestedMove, error: RefRefusedError): ApiError {
  if (!error.isConflict) return new ApiError(422, "Reference update failed");
  if (wanted.after === undefined) return new ApiError(422, "Reference does not exist");
  return new ApiError(422, wanted.before === undefined ? "Reference already exists" : "Update is not a fast forward");
}
