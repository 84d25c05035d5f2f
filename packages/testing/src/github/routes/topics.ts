import * as z from "zod";
import { ApiError } from "../http/api-error.js";
import { parseBody } from "../http/body.js";
import type { RepositoryRoute } from "../http/route.js";
import { repositoryRoute } from "./repository-route.js";

const TOPIC = /^[a-z0-9][a-z0-9-]{0,49}$/;
const MAX_TOPICS = 20;

/** Routes for the topics of a repository. */
export const topicRoutes: readonly RepositoryRoute[] = [
  repositoryRoute({
    method: "GET",
    template: "/repos/{owner}/{repo}/topics",
    docs: "repos/repos#get-all-repository-topics",
    need: { permission: "metadata", level: "read" },
    repositoryHandler: ({ repository }) => ({ status: 200, body: { names: [...repository.topics] } }),
  }),
  repositoryRoute({
    method: "PUT",
    template: "/repos/{owner}/{repo}/topics",
    docs: "repos/repos#replace-all-repository-topics",
    scopes: ["public_repo", "repo"],
    need: { permission: "administration", level: "write" },
    repositoryHandler: ({ repository, body }) => {
      const names = parseBody(z.object({ names: z.array(z.string()) }), body).names.map((name) => name.toLowerCase());
      const unique = [...new Set(names)];
      if (unique.length > MAX_TOPICS) throw invalid(`A repository cannot have more than ${MAX_TOPICS} topics.`);
      if (!unique.every((name) => TOPIC.test(name))) {
        throw invalid(
          "Topics must start with a lowercase letter or number, consist of 50 characters or less, and can include hyphens.",
        );
      }
      repository.topics = unique;
      return { status: 200, body: { names: unique } };
    },
  }),
];

function invalid(message: string): ApiError {
  return new ApiError(422, message, { errors: [message] });
}
