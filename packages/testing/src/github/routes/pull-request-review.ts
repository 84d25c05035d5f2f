import * as z from "zod";
import { ApiError, notFound } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryCall, RepositoryRoute, RestResponse } from "../http/route.js";
import { labelPayload } from "../payloads/label.js";
import { pullSummaryPayload } from "../payloads/pull.js";
import { explicitRoleOf } from "../repositories/access.js";
import { ensureLabel, MAX_LABEL_LENGTH } from "../repositories/label.js";
import type { PullRequest } from "../repositories/pull-request.js";
import { param, repositoryRoute } from "./repository-route.js";

const need = { permission: "pull_requests", level: "write" } as const;

const newLabels = z.object({ labels: z.array(z.union([z.string(), z.object({ name: z.string() })])) });

const reviewRequest = z.object({
  reviewers: z.array(z.string()).default([]),
  team_reviewers: z.array(z.string()).default([]),
});

/**
 * Routes for the labels and reviewers of pull requests. The box has no issues and no teams.
 *
 * @see https://docs.github.com/rest/issues/labels
 * @see https://docs.github.com/rest/pulls/review-requests
 */
export const pullRequestReviewRoutes: readonly RepositoryRoute[] = [
  repositoryRoute({
    method: "POST",
    template: "/repos/{owner}/{repo}/issues/{issue_number}/labels",
    docs: "issues/labels#add-labels-to-an-issue",
    need,
    repositoryHandler: addLabels,
  }),
  repositoryRoute({
    method: "POST",
    template: "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers",
    docs: "pulls/review-requests#request-reviewers-for-a-pull-request",
    need,
    repositoryHandler: requestReviewers,
  }),
];

function addLabels(call: RepositoryCall): RestResponse {
  const pull = pullOf(call, "issue_number");
  const { labels } = parseBody(newLabels, call.body);
  const names = labels.map((label) => (typeof label === "string" ? label : label.name));
  if (names.some((name) => name.trim() === "" || name.length > MAX_LABEL_LENGTH)) {
    throw new ApiError(422, "Validation Failed", { errors: [{ resource: "Label", code: "invalid", field: "name" }] });
  }
  for (const name of names) pull.labels.add(ensureLabel(call.platform, call.repository, name));
  return { status: 200, body: [...pull.labels].map((label) => labelPayload(call, label)) };
}

function requestReviewers(call: RepositoryCall): RestResponse {
  const pull = pullOf(call, "pull_number");
  const { reviewers, team_reviewers } = parseBody(reviewRequest, call.body);
  const users = reviewers.map((login) => call.platform.accounts.find(login));
  if (users.some((user) => user === pull.user)) {
    throw new ApiError(422, "Review cannot be requested from pull request author.");
  }
  const collaborators = users.filter((user) => user !== undefined && explicitRoleOf(user, call.repository) !== "none");
  if (collaborators.length < users.length || team_reviewers.length > 0) {
    const message = `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${call.repository.fullName} repository.`;
    throw new ApiError(422, message);
  }
  for (const user of collaborators) if (user !== undefined) pull.requestedReviewers.add(user);
  return { status: 201, body: pullSummaryPayload(call, pull) };
}

function pullOf(call: RepositoryCall, name: string): PullRequest {
  const number = Number(param(call, name));
  const pull = call.repository.pulls.find((candidate) => candidate.number === number);
  if (pull === undefined) throw notFound();
  return pull;
}
