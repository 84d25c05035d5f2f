import * as z from "zod";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import { paginate } from "../http/paging.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { pullPayload, pullSummaryPayload } from "../payloads/pull.js";
import { openPullRequest, PullRequestRefusedError } from "../repositories/open-pull-request.js";
import { param, repositoryRoute } from "./repository-route.js";
import { requireCredential } from "./require-credential.js";

const template = "/repos/{owner}/{repo}/pulls";
const read = { permission: "pull_requests", level: "read" } as const;

const newPull = z.object({
  title: z.string(),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().default(false),
});

/**
 * Routes for pull requests.
 *
 * @see https://docs.github.com/rest/pulls/pulls
 */
export const pullRoutes: readonly RepositoryRoute[] = [
  repositoryRoute({
    method: "POST",
    template,
    docs: "pulls/pulls#create-a-pull-request",
    need: { permission: "pull_requests", level: "write" },
    repositoryHandler: createPull,
  }),
  repositoryRoute({
    method: "GET",
    template,
    docs: "pulls/pulls#list-pull-requests",
    need: read,
    repositoryHandler: listPulls,
  }),
  repositoryRoute({
    method: "GET",
    template: `${template}/{pull_number}`,
    docs: "pulls/pulls#get-a-pull-request",
    need: read,
    repositoryHandler: async (call) => {
      const number = Number(param(call, "pull_number"));
      const pull = call.repository.pulls.find((candidate) => candidate.number === number);
      if (pull === undefined) throw notFound();
      const lastModified = Math.floor(pull.createdAt / 1000);
      return { status: 200, body: await pullPayload(call, pull), lastModified };
    },
  }),
];

async function createPull(call: RepositoryCall): Promise<RestResponse> {
  const { body, ...wanted } = parseBody(newPull, call.body);
  const user = requireCredential(call).actor;
  try {
    const pull = await openPullRequest(call.platform, call.repository, user, { ...wanted, body: body ?? null });
    const payload = await pullPayload(call, pull);
    return { status: 201, body: payload, headers: { Location: String(payload.url) } };
  } catch (error) {
    if (!(error instanceof PullRequestRefusedError)) throw error;
    throw new ApiError(422, "Validation Failed", { errors: [error.entry] });
  }
}

function listPulls(call: RepositoryCall): RestResponse {
  const { repository, query } = call;
  const state = query.get("state") ?? "open";
  const base = query.get("base");
  // GitHub ignores a `head` without an owner.
  const [owner, branch] = (query.get("head") ?? "").split(":");
  const isOwn = owner?.toLowerCase() === repository.owner.login.toLowerCase();
  const pulls = repository.pulls
    .filter((pull) => state === "all" || pull.state === state)
    .filter((pull) => base === null || pull.base === base)
    .filter((pull) => branch === undefined || (isOwn && pull.head === branch))
    .reverse();
  const { items, headers } = paginate(call, `/repositories/${repository.id}/pulls`, pulls);
  return { status: 200, body: items.map((pull) => pullSummaryPayload(call, pull)), headers };
}
