import * as z from "zod";
import type { BranchPage } from "../connections/user-branches.js";
import { defined } from "../defined.js";
import { optional, queryNumber, repositoryName, repositoryOwner, text, withDefault } from "./request-fields.js";
import { defineRoute } from "./route.js";
import { named } from "./wire-value.js";

const branchListSchema = named(
  "GitHubBranchList",
  z.object({
    branches: z.array(z.object({ name: z.string(), commit_sha: z.string(), protected: z.boolean() })),
    page: z.int(),
    per_page: z.int(),
    has_more: z.boolean(),
  }),
);

/** `GET /repositories/{owner}/{repo}/branches`. */
export const branchesRoute = defineRoute({
  method: "GET",
  path: "/repositories/{owner}/{repo}/branches",
  operationId: "listBranches",
  tag: "Connection",
  summary: "List the branches of a repository that the user can access",
  auth: "user",
  input: {
    params: z.object({ owner: repositoryOwner, repo: repositoryName }),
    query: z.object({
      page: withDefault(queryNumber(1), 1),
      per_page: withDefault(queryNumber(1, 100), 30),
      search: optional(text(244).describe("Only branches whose name contains this text, regardless of case")),
    }),
  },
  response: branchListSchema,
  errors: [400, 403, 404, 422, 429, 501],
  async handle({ sdk, user, params: { owner, repo }, query: { page, per_page: perPage, search } }) {
    const options = defined({ page, perPage, search: search || undefined });
    return { body: toBranchListResponse(await sdk.connections.branches(user.id, `${owner}/${repo}`, options)) };
  },
});

function toBranchListResponse(found: BranchPage): z.infer<typeof branchListSchema> {
  return {
    branches: found.branches.map((branch) => ({
      name: branch.name,
      commit_sha: branch.commitId,
      protected: branch.protected,
    })),
    page: found.page,
    per_page: found.perPage,
    has_more: found.hasMore,
  };
}
