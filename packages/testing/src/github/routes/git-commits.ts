import * as z from "zod";
import type { Signature } from "../git/commit.js";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { gitCommitPayload } from "../payloads/commit.js";
import { noreplyAddress } from "../repositories/repositories.js";
import { isObjectId } from "../repositories/resolve-ref.js";
import { gitDataRoute, param } from "./repository-route.js";

const person = z.object({ name: z.string(), email: z.string(), date: z.string().optional() });

const newCommit = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).default([]),
  author: person.optional(),
  committer: person.partial().optional(),
  signature: z.string().optional(),
});

/**
 * Routes for git commits.
 *
 * @see https://docs.github.com/rest/git/commits
 */
export const gitCommitRoutes: readonly RepositoryRoute[] = [
  gitDataRoute({
    method: "POST",
    template: "/repos/{owner}/{repo}/git/commits",
    docs: "git/commits#create-a-commit",
    need: { permission: "contents", level: "write" },
    repositoryHandler: createCommit,
  }),
  gitDataRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/git/commits/{commit_sha}",
    docs: "git/commits#get-a-commit-object",
    need: { permission: "contents", level: "read" },
    repositoryHandler: async (call) => {
      const sha = param(call, "commit_sha");
      const commit = isObjectId(sha) ? await call.repository.history.commit(sha) : undefined;
      if (commit === undefined) throw notFound();
      return { status: 200, body: gitCommitPayload(call, commit), lastModified: commit.committer.seconds };
    },
  }),
];

async function createCommit(call: RepositoryCall): Promise<RestResponse> {
  const { repository } = call;
  const wanted = parseBody(newCommit, call.body);
  if ((await repository.objects.readAs("tree", wanted.tree)) === undefined) {
    throw new ApiError(422, "Tree SHA does not exist");
  }
  for (const parent of wanted.parents) {
    if (!isObjectId(parent) || (await repository.history.commit(parent)) === undefined) {
      throw new ApiError(422, "Parent SHA does not exist or is not a commit object");
    }
  }
  const author = wanted.author === undefined ? actorSignature(call) : dated(call, person.parse(wanted.author));
  const committer = wanted.committer === undefined ? author : dated(call, parseBody(person, wanted.committer));
  const oid = repository.writeCommit({
    tree: wanted.tree,
    parents: wanted.parents,
    author,
    committer,
    message: wanted.message,
    ...(wanted.signature === undefined ? {} : { signature: wanted.signature.trimEnd() }),
  });
  // GitHub signs commits of Apps that have no custom author, committer or signature.
  const isCustom = wanted.author !== undefined || wanted.committer !== undefined || wanted.signature !== undefined;
  if (call.credential?.kind === "installation" && !isCustom) repository.verified.add(oid);
  const commit = await repository.history.commit(oid);
  if (commit === undefined) throw notFound();
  const body = gitCommitPayload(call, commit);
  return { status: 201, body, headers: { Location: String(body.url) } };
}

/** Returns the caller's signature at the current time. */
export function actorSignature(call: RepositoryCall): Signature {
  const actor = call.credential?.actor ?? call.repository.owner;
  return call.repository.signature({ name: actor.name, email: noreplyAddress(actor) });
}

/** Returns the signature of a person in a request body, at the given or the current time. */
export function dated(call: RepositoryCall, { name, email, date }: z.output<typeof person>): Signature {
  const now = call.repository.signature({ name, email });
  if (date === undefined) return now;
  const milliseconds = Date.parse(date);
  if (Number.isNaN(milliseconds))
    throw new ApiError(
      422,
      `Invalid request.\n\nFor 'properties/date', ${JSON.stringify(date)} is not a valid date-time.`,
    );
  const offset = /([+-]\d\d):?(\d\d)$/.exec(date);
  return {
    ...now,
    seconds: Math.floor(milliseconds / 1000),
    offset: offset === null ? "+0000" : `${offset[1]}${offset[2]}`,
  };
}

/** The schema of a person in a request body. */
export const personSchema = person;
